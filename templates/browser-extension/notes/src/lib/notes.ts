// What a note is, and lists of notes. Pure: nothing here knows the browser.

/** Something that was kept. Lists of notes have the newest first. */
export interface Note {
  readonly id: string;
  readonly text: string;
  /** The page that it was kept on, if any. */
  readonly url: string | null;
  /** Milliseconds since 1970, in UTC. */
  readonly keptAt: number;
}

/** What a note is made of. */
export interface Draft {
  readonly text: string;
  readonly url: string | null;
}

/** So many characters are kept of a text. */
export const LONGEST = 2000;

/** The text without the white space around it and the runs of blanks in it, cut at the limit. */
export function tidy(text: string): string {
  return text
    .replaceAll(/[^\S\n]+/g, " ")
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim()
    .slice(0, LONGEST);
}

/** Only addresses that a person can open again; of others nothing is kept. */
export function openable(url: string | null | undefined): string | null {
  return url && /^https?:\/\//.test(url) ? url : null;
}

/** The list with a note of the draft in front; the same text of the same page is not kept twice. */
export function withNote(
  notes: readonly Note[],
  draft: Draft,
  id: string,
  keptAt: number,
): readonly Note[] {
  const text = tidy(draft.text);
  const url = openable(draft.url);
  if (text === "") return notes;
  const others = notes.filter((note) => note.text !== text || note.url !== url);
  return [{ id, text, url, keptAt }, ...others];
}

export function withoutNote(notes: readonly Note[], id: string): readonly Note[] {
  return notes.filter((note) => note.id !== id);
}

/** The notes that hold every word of the query, in text or address, whatever their case. */
export function search(notes: readonly Note[], query: string): readonly Note[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return notes.filter((note) => {
    const held = `${note.text} ${note.url ?? ""}`.toLowerCase();
    return words.every((word) => held.includes(word));
  });
}

/** The notes of each page that has any, in the order of the list. */
export function notesByPage(notes: readonly Note[]): Map<string, Note[]> {
  const pages = new Map<string, Note[]>();
  for (const note of notes) {
    if (note.url) pages.set(note.url, [...(pages.get(note.url) ?? []), note]);
  }
  return pages;
}

/** How many notes were kept on the day (in local time) of `now`. */
export function keptToday(notes: readonly Note[], now: Date): number {
  const today = now.toDateString();
  return notes.filter((note) => new Date(note.keptAt).toDateString() === today).length;
}

/** The notes of a stored value; whatever is no note is left out, so that one bad entry costs no other. */
export function readNotes(value: unknown): readonly Note[] {
  return Array.isArray(value) ? value.filter(isNote) : [];
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const { id, text, url, keptAt } = value as Partial<Record<keyof Note, unknown>>;
  return (
    typeof id === "string" &&
    typeof text === "string" &&
    (url === null || typeof url === "string") &&
    typeof keptAt === "number"
  );
}

/**
 * Version 1 stored bare texts; they have no page and no date. Notes stay what they are: a part of the extension that starts
 * while another stores the first ones may not know their version yet.
 */
export function fromVersion1(value: unknown): readonly Note[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return readNotes(
    items.map((item, index) =>
      typeof item === "string" ? { id: `v1-${index}`, text: item, url: null, keptAt: 0 } : item,
    ),
  );
}
