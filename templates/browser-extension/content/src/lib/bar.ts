// The bar in web pages. It lives in a closed shadow tree: the page's styles and scripts do not reach into it.
import { type Note } from "./notes";
import { text } from "./text";

const STYLE = `
  :host { all: initial; }
  details { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483647; max-width: 20rem;
    padding: 0.4rem 0.7rem; border: 1px solid #264678; border-radius: 0.5rem; color: #1a2433;
    background: #fff7d6; font: 14px/1.4 system-ui; }
  summary { cursor: pointer; }
  ul { max-height: 40vh; margin: 0.4rem 0; padding-left: 1.1rem; overflow-y: auto; }
  button { font: inherit; cursor: pointer; }
`;

export interface Bar {
  /** Shows the notes of this page. */
  show(notes: readonly Note[]): void;
  /** Puts the bar back where the page has lost it. A page that removes it again and again has won: then it stays away. */
  restore(): void;
  /** Takes the bar away for good. */
  remove(): void;
}

const NAME = "notes-bar";
/** So often the bar comes back. */
const TRIES = 6;

/** Puts a bar into the page; `keep` keeps what is selected. */
export function makeBar(page: Document, keep: () => Promise<void>): Bar {
  // One that an older version of the extension has left.
  for (const old of page.querySelectorAll(NAME)) old.remove();
  const host = page.createElement(NAME);
  // Its own, whatever those of the page are.
  host.lang = text("language");
  host.dir = text("direction");
  // The end-to-end tests look inside; pages must not.
  const shadow = host.attachShadow({ mode: import.meta.env.MODE === "e2e" ? "open" : "closed" });
  const style = page.createElement("style");
  style.textContent = STYLE;
  const details = page.createElement("details");
  const summary = page.createElement("summary");
  const list = page.createElement("ul");
  const button = page.createElement("button");
  button.type = "button";
  button.textContent = text("keepSelection");
  details.append(summary, list, button);
  shadow.append(style, details);

  // A click would end the selection before it is read.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", (event) => {
    // Only people keep notes: a script of the page that clicks is not trusted.
    if (!event.isTrusted) return;
    keep().catch((error: unknown) => {
      summary.textContent = text(
        "keepFailed",
        error instanceof Error ? error.message : String(error),
      );
    });
  });

  page.documentElement.append(host);
  let tries = TRIES;

  return {
    show(notes) {
      summary.textContent = text("notesOfPage", String(notes.length));
      list.replaceChildren(
        ...notes.map((note) => {
          const item = page.createElement("li");
          item.textContent = note.text;
          return item;
        }),
      );
    },
    restore() {
      if (host.isConnected || tries === 0) return;
      tries--;
      page.documentElement.append(host);
    },
    remove() {
      host.remove();
    },
  };
}
