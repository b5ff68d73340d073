import { expect, test } from "vitest";
import { patternOf } from "../../../src/sample/sites";

const SITE = "https://example.org/*";

test.each([
  ["example.org", SITE],
  [" https://Example.org/a?b ", SITE],
  ["müller.de", "https://xn--mller-kva.de/*"],
  ["https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/*"],
  ["example.org:8443/path", SITE],
  ["http://example.org", null],
  ["http://localhost:3000/path", null],
  ["*", null],
  ["https://*/", null],
  ["localhost", null],
  ["192.168.0.1", "https://192.168.0.1/*"],
  ["[::1]", null],
])("%j means %j", (site, pattern) => {
  expect(patternOf(site)).toBe(pattern);
});
