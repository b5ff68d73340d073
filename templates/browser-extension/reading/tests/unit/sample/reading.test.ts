import { expect, test } from "vitest";
import { countWords, minutesOf } from "../../../src/sample/reading";

test.each([
  ["", 0],
  [" – … ", 0],
  ["It's 3.5 well-known\nwords", 4],
  ["Ein Mädchen läuft", 3],
  ["読みます", 4],
])("%j has %i words", (text, words) => expect(countWords(text)).toBe(words));

test("a text that has words takes a minute at least", () => {
  expect([0, 1, 230, 231].map((words) => minutesOf(words, 230))).toEqual([0, 1, 1, 2]);
});
