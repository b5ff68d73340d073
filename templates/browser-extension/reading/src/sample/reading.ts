// How long a text takes. Pure: nothing here knows the browser.

/** A word; where a script has no spaces, each sign counts. */
const WORD = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu;

export function countWords(text: string): number {
  return text.match(WORD)?.length ?? 0;
}

/** Whole minutes; a text that has any word takes one. */
export function minutesOf(words: number, pace: number): number {
  return Math.ceil(words / pace);
}
