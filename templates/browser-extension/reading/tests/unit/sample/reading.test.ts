import { expect, test } from "vitest";
import { countWords, minutesOf } from "../../../src/sample/reading";

test("words are counted in every script", () => {
  const texts = ["", " – … ", "It's 3.5 well-known\nwords", "Ein Mädchen läuft", "読みます"];
  expect(texts.map(countWords)).toEqual([0, 0, 4, 3, 4]);
});

test("a text that has words takes a minute at least", () => {
  expect([0, 1, 230, 231].map((words) => minutesOf(words, 230))).toEqual([0, 1, 1, 2]);
});
