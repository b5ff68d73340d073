import { expect, test } from "vitest";
import { countWords, minutesOf } from "../../../src/sample/reading";

test("words are counted in every script, and any take a minute at least", () => {
  const texts = ["", " – … ", "It's 3.5 well-known\nwords", "Ein Mädchen läuft", "読みます"];
  expect(texts.map(countWords)).toEqual([0, 0, 4, 3, 4]);
  expect([0, 1, 230, 231].map((words) => minutesOf(words, 230))).toEqual([0, 1, 1, 2]);
});
