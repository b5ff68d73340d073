import { expect, test } from "vitest";
import { isExpected } from "../../scripts/lint-ext.mjs";

test("only the framework's own code may set `innerHTML`", () => {
  const code = "UNSAFE_VAR_ASSIGNMENT";
  expect(isExpected({ code, file: "chunks/framework-Bei7iY-L.js" })).toBe(true);
  expect(isExpected({ code, file: "chunks/popup-Bei7iY-L.js" })).toBe(false);
  expect(isExpected({ code, file: "background.js" })).toBe(false);
  expect(isExpected({ code: "DANGEROUS_EVAL", file: "chunks/framework-Bei7iY-L.js" })).toBe(false);
  expect(isExpected({ code: "MANIFEST_FIELD_UNSUPPORTED" })).toBe(false);
});
