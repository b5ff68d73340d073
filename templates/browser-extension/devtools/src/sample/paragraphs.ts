// The longest paragraphs of a page. Pure.

export interface Paragraph {
  readonly words: number;
  readonly start: string;
}

/** Evaluated in the inspected page, as text; gives what `readParagraphs` reads. */
export const PARAGRAPHS_OF_PAGE = `[...document.querySelectorAll("p, li, dd, blockquote")]
  .map(({ textContent }) => textContent.trim().replaceAll(/\\s+/g, " "))
  .map((text) => ({ words: text.split(" ").length, start: text.slice(0, 80) }))
  .sort((a, b) => b.words - a.words)
  .slice(0, 20)`;

/** What the page answered; it is not trusted, for the page may have changed what the expression calls. */
export function readParagraphs(value: unknown): readonly Paragraph[] | null {
  if (!Array.isArray(value)) return null;
  const found = value.slice(0, 20).filter(isParagraph);
  return found.filter(({ start }) => start !== "");
}

function isParagraph(value: unknown): value is Paragraph {
  if (typeof value !== "object" || value === null) return false;
  const { words, start } = value as Record<string, unknown>;
  return Number.isSafeInteger(words) && typeof start === "string" && start.length <= 80;
}
