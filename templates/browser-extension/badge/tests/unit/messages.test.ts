import { expect, test } from "vitest";
import { readWords } from "../../src/lib/messages";

const words = { type: "words", count: 7 };
const sender = { id: "us", tab: { id: 3 } };

test("the content script's words are those of its tab", () => {
  expect(readWords({ ...words, tabId: 9 }, sender, "us")).toEqual({ tabId: 3, count: 7 });
});

test.each([
  [null, sender],
  ["words", sender],
  [{ ...words, type: "other" }, sender],
  [{ ...words, count: -1 }, sender],
  [{ ...words, count: "7" }, sender],
  [words, { ...sender, id: "them" }],
  [words, { id: "us" }],
])("%j from %j is refused", (message, from) => {
  expect(readWords(message, from, "us")).toBeNull();
});
