import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { SIZES, draw } from "../../scripts/icons.mjs";
import { KEYS, packagesFor } from "../../scripts/submit.mjs";

test("the icons are those of src/icon.svg: `npm run icons` draws them", () => {
  expect(readdirSync("public/icon").toSorted()).toEqual(
    SIZES.map((size) => `${size}.png`).toSorted(),
  );
  for (const size of SIZES) {
    expect(readFileSync(`public/icon/${size}.png`).equals(draw(size)), `${size}`).toBe(true);
  }
});

test("only the stores whose keys are there get their packages", () => {
  // A secret that is not set is an empty text in CI.
  const unset = Object.fromEntries(KEYS.map((key) => [key, ""]));
  expect(packagesFor(unset, "demo")).toEqual([]);
  expect(packagesFor({ ...unset, FIREFOX_EXTENSION_ID: "a" }, "demo")).toEqual([
    "--firefox-zip",
    ".output/demo-firefox.zip",
    "--firefox-sources-zip",
    ".output/demo-sources.zip",
  ]);
});
