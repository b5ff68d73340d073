// The longest paragraphs of the inspected page: where readers give up.
import { browser } from "wxt/browser";
import { part, text } from "../lib/page";
import { PARAGRAPHS_OF_PAGE, readParagraphs } from "./paragraphs";

/** Evaluates in the inspected page. Chromium calls back, Firefox gives a promise of the value and of what went wrong. */
type Evaluate = (code: string, back?: (value: unknown) => void) => Promise<unknown[]> | undefined;

async function look(): Promise<void> {
  const inspected = browser.devtools.inspectedWindow as unknown as { eval: Evaluate };
  const answer = import.meta.env.FIREFOX
    ? (await inspected.eval(PARAGRAPHS_OF_PAGE))?.[0]
    : await new Promise((resolve) => inspected.eval(PARAGRAPHS_OF_PAGE, resolve));
  const found = readParagraphs(answer);
  part("status", HTMLElement).textContent = found
    ? text("paragraphs", String(found.length))
    : text("notReadable");
  const items = (found ?? []).map(({ words, start }) => {
    const item = document.createElement("li");
    item.textContent = text("paragraph", String(words), start);
    return item;
  });
  part("list", HTMLElement).replaceChildren(...items);
}

export async function mountPanel(): Promise<void> {
  part("look", HTMLButtonElement).addEventListener("click", () => void look());
  browser.devtools.network.onNavigated.addListener(() => void look());
  await look();
}
