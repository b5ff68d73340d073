import { expect, test } from "vitest";
import { type Outline, faultsOf, readOutline } from "../../src/lib/outline";

const page = (headings: Outline["headings"], silentImages = 0): Outline => ({
  url: "https://example.org/",
  headings,
  silentImages,
});

test("a page with one title and no gap has no fault", () => {
  const headings = [
    { level: 1, text: "Title" },
    { level: 2, text: "Part" },
    { level: 3, text: "Detail" },
    { level: 2, text: "Part" },
  ];
  expect(faultsOf(page(headings))).toEqual([]);
});

test("each fault is told with what it is about", () => {
  const headings = [
    { level: 2, text: "Part" },
    { level: 4, text: "Deep" },
    { level: 3, text: "" },
  ];
  expect(faultsOf(page(headings, 2))).toEqual([
    { key: "faultNoTitle", value: "" },
    { key: "faultSkipped", value: "Deep" },
    { key: "faultEmpty", value: "h3" },
    { key: "faultImages", value: "2" },
  ]);
  const two = [
    { level: 1, text: "A" },
    { level: 1, text: "B" },
  ];
  expect(faultsOf(page(two))).toEqual([{ key: "faultManyTitles", value: "2" }]);
});

test("a hostile answer is not taken over", () => {
  expect(readOutline(null)).toBeNull();
  expect(readOutline({ url: 1, headings: [] })).toBeNull();
  const mixed = { url: "x", headings: [{ level: 9, text: "a" }, { level: 1, text: "b" }, 3] };
  expect(readOutline(mixed)?.headings).toEqual([{ level: 1, text: "b" }]);
});
