// What `npm run submit` names for `wxt submit`, which demands the keys of each store whose package it is given.
import { expect, test } from "vitest";
import { KEYS, packagesFor } from "../../scripts/submit.mjs";

test("only the stores whose keys are there get their packages", () => {
  const unset = Object.fromEntries(KEYS.map((key) => [key, ""]));
  expect(packagesFor(unset, "demo")).toEqual([]);
  const args = "--firefox-zip .output/ab-firefox.zip --firefox-sources-zip .output/ab-sources.zip";
  expect(packagesFor({ ...unset, FIREFOX_EXTENSION_ID: "a" }, "@A/.b").join(" ")).toBe(args);
});
