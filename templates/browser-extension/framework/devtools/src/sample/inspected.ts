// The page that the developer tools look at.
import { browser } from "wxt/browser";
import { PARAGRAPHS_OF_PAGE, type Paragraph, readParagraphs } from "./paragraphs";

/** Evaluates in the inspected page. Chromium calls back, Firefox gives a promise of the value and of what went wrong. */
type Evaluate = (code: string, back?: (value: unknown) => void) => Promise<unknown[]> | undefined;

/** Its longest paragraphs; nothing where it cannot be read. */
export async function longestParagraphs(): Promise<readonly Paragraph[] | null> {
  const inspected = browser.devtools.inspectedWindow as unknown as { eval: Evaluate };
  const answer = import.meta.env.FIREFOX
    ? (await inspected.eval(PARAGRAPHS_OF_PAGE))?.[0]
    : await new Promise((resolve) => inspected.eval(PARAGRAPHS_OF_PAGE, resolve));
  return readParagraphs(answer);
}

/** Calls back now, and whenever the tools look at another page; returns what ends that. */
export function followPage(look: () => void): () => void {
  look();
  const { onNavigated } = browser.devtools.network;
  onNavigated.addListener(look);
  return () => onNavigated.removeListener(look);
}
