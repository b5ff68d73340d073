import { expect, test } from "vitest";
import { readParagraphs } from "../../../src/sample/paragraphs";

test("a hostile answer is not taken over", () => {
  const good = { words: 2, start: "Two words" };
  expect(readParagraphs("nonsense")).toBeNull();
  const long = { words: 1, start: "x".repeat(81) };
  expect(readParagraphs([good, null, 3, { words: "1", start: "" }, long])).toEqual([good]);
  expect(readParagraphs(Array.from({ length: 1000 }, () => good))).toHaveLength(20);
});
