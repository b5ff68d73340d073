// The pill in web pages. It lives in a closed shadow tree: the page's styles and scripts do not reach into it.
import { text } from "../lib/page";

/** On an element that is no custom one: a page could define that itself. */
const MARK = "data-reading-time";
/** So often the pill comes back. */
const TRIES = 6;

const STYLE = `
  :host { all: initial !important; }
  @media print { :host { display: none !important; } }
  span { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 2147483647;
    padding: 0.3em 0.8em; border: 2px solid var(--colour); border-radius: 2em; color: #1a2433; background: #fff;
    font: 14px/1.4 system-ui; }
`;

export interface Pill {
  show(minutes: number, colour: string): void;
  hide(): void;
  /** Puts the pill back where the page has lost it. A page that removes it again and again has won: then it stays away. */
  restore(): void;
}

export function makePill(page: Document): Pill {
  // One that an older version of the extension has left.
  for (const old of page.querySelectorAll(`[${MARK}]`)) old.remove();
  const host = page.createElement("div");
  host.setAttribute(MARK, "");
  // Its own, whatever those of the page are.
  host.lang = text("language");
  host.dir = text("direction");
  // The end-to-end tests look inside; pages must not.
  const shadow = host.attachShadow({ mode: import.meta.env.MODE === "e2e" ? "open" : "closed" });
  const style = page.createElement("style");
  style.textContent = STYLE;
  const words = page.createElement("span");
  shadow.append(style, words);
  let isShown = false;
  let tries = TRIES;
  return {
    show(minutes, colour) {
      words.textContent = text("minutesToRead", String(minutes));
      words.style.setProperty("--colour", colour);
      if (!isShown) page.documentElement.append(host);
      isShown = true;
    },
    hide() {
      isShown = false;
      host.remove();
    },
    restore() {
      if (!isShown || host.isConnected || tries === 0) return;
      tries--;
      page.documentElement.append(host);
    },
  };
}
