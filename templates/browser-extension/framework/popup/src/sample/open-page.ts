// The words of the open page: the click on the icon allows to look at it, this once.
import { browser } from "wxt/browser";
import { countWords } from "./reading";

/** How many they are; nothing where no extension may read the page, or it shows none, as a PDF. Of a page that is still loading it is known later. */
export async function wordsOfPage(): Promise<number | null> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  if (tab?.id === undefined) return null;
  const look = { target: { tabId: tab.id }, func: () => document.body?.innerText };
  const [found] = await browser.scripting.executeScript(look).catch(() => []);
  return countWords(found?.result ?? "") || null;
}
