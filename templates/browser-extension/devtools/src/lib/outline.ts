// The outline of a page: its headings, and what is wrong with them. Pure.

export interface Heading {
  readonly level: number;
  readonly text: string;
}

export interface Outline {
  readonly url: string;
  readonly headings: readonly Heading[];
  /** Images without a text for those who do not see them. */
  readonly silentImages: number;
}

/** Evaluated in the inspected page, as text; gives what `readOutline` reads. */
export const OUTLINE_OF_PAGE = `(() => ({
  url: location.href,
  headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].slice(0, 500).map((heading) => ({
    level: Number(heading.tagName[1]),
    text: heading.textContent.trim().slice(0, 200),
  })),
  silentImages: document.querySelectorAll("img:not([alt])").length,
}))()`;

/** What the page answered; it is not trusted, for the page may have changed what the expression calls. */
export function readOutline(value: unknown): Outline | null {
  if (typeof value !== "object" || value === null) return null;
  const { url, headings, silentImages } = value as Record<string, unknown>;
  if (typeof url !== "string" || !Array.isArray(headings)) return null;
  const images = typeof silentImages === "number" ? silentImages : 0;
  return { url, headings: headings.filter(isHeading), silentImages: images };
}

function isHeading(value: unknown): value is Heading {
  if (typeof value !== "object" || value === null) return false;
  const { level, text } = value as Record<string, unknown>;
  return typeof level === "number" && level >= 1 && level <= 6 && typeof text === "string";
}

export interface Fault {
  readonly key: "faultNoTitle" | "faultManyTitles" | "faultSkipped" | "faultEmpty" | "faultImages";
  readonly value: string;
}

/** What makes the page hard to follow for those who hear it. */
export function faultsOf(outline: Outline): readonly Fault[] {
  const faults: Fault[] = [];
  const titles = outline.headings.filter((heading) => heading.level === 1).length;
  if (titles === 0) faults.push({ key: "faultNoTitle", value: "" });
  if (titles > 1) faults.push({ key: "faultManyTitles", value: String(titles) });
  let before = 0;
  for (const { level, text } of outline.headings) {
    if (text === "") faults.push({ key: "faultEmpty", value: `h${level}` });
    else if (before > 0 && level > before + 1) faults.push({ key: "faultSkipped", value: text });
    before = level;
  }
  if (outline.silentImages > 0) {
    faults.push({ key: "faultImages", value: String(outline.silentImages) });
  }
  return faults;
}
