// What every page of the extension does first, and the texts. Their keys are those of public/_locales/en/messages.json.
import { browser } from "wxt/browser";

/** The text in the user's language; `values` fill $1, $2 and so on. */
export function text(key: string, ...values: string[]): string {
  return (
    (browser.i18n.getMessage as (key: string, values?: string[]) => string)(key, values) || key
  );
}

/**
 * Fills every element that has `data-text`, gives the page its title, and the language and direction of its texts, which
 * need not be the browser's.
 */
export function translate(page: Document): void {
  page.documentElement.lang = text("language");
  page.documentElement.dir = text("direction");
  page.title = browser.runtime.getManifest().name;
  for (const element of page.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = text(element.dataset["text"] ?? "");
  }
}

/** The element of the page that has this id. */
export function part<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}

/** Gives the page a colour of the user's choice; ui.css makes it readable in light and dark. */
export function paint(colour: string): void {
  document.documentElement.style.setProperty("--colour", colour);
}

/** What went wrong, in words. */
export const reasonOf = (error: unknown) =>
  error instanceof Error ? error.message : String(error);
