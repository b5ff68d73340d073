// The notes as people see them: a field to add one, a search, the list. Built of elements, never of HTML text.
import { keep, remove } from "./keep";
import { type Note, LONGEST, search } from "./notes";
import { allNotes, watchNotes } from "./store";
import { text, translate } from "./text";

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function item(note: Note, removed: () => void): HTMLLIElement {
  const label = `${text("removeNote")}: ${note.text.slice(0, 40)}`;
  const button = element("button", { type: "button", textContent: "×", ariaLabel: label });
  button.addEventListener("click", removed);
  const lines: Node[] = [element("p", { textContent: note.text })];
  if (note.url) {
    const address = new URL(note.url);
    const shown = address.hostname + address.pathname;
    lines.push(
      element("a", { href: note.url, target: "_blank", rel: "noreferrer", textContent: shown }),
    );
  }
  return element("li", {}, [element("div", {}, lines), button]);
}

/** So many notes are shown at once; a browser needs seconds for thousands. */
const STEP = 100;

/** Fills the page with the view; it follows every change of the notes. */
export async function mountNotes(page: Document): Promise<void> {
  translate(page);
  const field = element("textarea", {
    id: "text",
    rows: 2,
    maxLength: LONGEST,
    required: true,
    placeholder: text("noteHint"),
    ariaLabel: text("noteHint"),
  });
  const add = element("button", { type: "submit", textContent: text("keepNote") });
  const form = element("form", {}, [field, add]);
  const query = element("input", {
    id: "query",
    type: "search",
    placeholder: text("searchHint"),
    ariaLabel: text("searchHint"),
  });
  const list = element("ul");
  const more = element("button", { type: "button", id: "more", textContent: text("moreNotes") });
  const status = element("p", { id: "status", role: "status" });

  let notes = await allNotes();
  let most = STEP;
  const show = () => {
    const found = search(notes, query.value);
    const items = found.slice(0, most).map((note) => item(note, () => attempt(remove(note.id))));
    list.replaceChildren(...items);
    more.hidden = found.length <= most;
    status.textContent = text("noteCount", String(found.length), String(notes.length));
  };
  /** A change that fails, as with a full storage, is told; what was typed stays. */
  const attempt = (change: Promise<void>, done: () => void = () => {}) => {
    change.then(done, (error: unknown) => {
      status.textContent = text("notKept", error instanceof Error ? error.message : String(error));
    });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(keep({ text: field.value, url: null }), () => form.reset());
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  query.addEventListener("input", () => {
    most = STEP;
    show();
  });
  more.addEventListener("click", () => {
    most += STEP;
    show();
  });
  watchNotes((changed) => {
    notes = changed;
    show();
  });
  page.querySelector("main")?.append(form, query, list, more, status);
  show();
  field.focus();
  // Once its popup is open, Firefox gives the keyboard to the page and takes it from the field.
  window.addEventListener("focus", () => {
    if (document.activeElement === document.body) field.focus();
  });
}
