// Translated texts. The keys are those of public/_locales/en/messages.json.
import { browser } from "wxt/browser";

/** The text in the user's language; `values` fill $1, $2 and so on. */
export function text(key: string, ...values: string[]): string {
  return (
    (browser.i18n.getMessage as (key: string, values?: string[]) => string)(key, values) || key
  );
}

/** Gives the page the language and direction of its texts, which need not be the browser's, and its title, and fills every element that has `data-text`. */
export function translate(page: Document): void {
  page.documentElement.lang = text("language");
  page.documentElement.dir = text("direction");
  page.title = browser.runtime.getManifest().name;
  for (const element of page.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = text(element.dataset["text"] ?? "");
  }
}
