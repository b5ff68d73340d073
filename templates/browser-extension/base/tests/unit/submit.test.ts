// Only the stores whose keys are there get their packages: of one that is named, the keys are demanded.
import { expect, test } from "vitest";
import { KEYS, packagesFor } from "../../scripts/stores.mjs";

test("without keys there is nothing to send", () => {
  expect(packagesFor({}, "demo")).toEqual([]);
  // A secret that is not set is an empty text in CI.
  expect(packagesFor(Object.fromEntries(KEYS.map((key) => [key, ""])), "demo")).toEqual([]);
});

test("with the keys of one store only its packages are named", () => {
  expect(packagesFor({ FIREFOX_EXTENSION_ID: "a" }, "demo")).toEqual([
    "--firefox-zip",
    ".output/demo-firefox.zip",
    "--firefox-sources-zip",
    ".output/demo-sources.zip",
  ]);
});
