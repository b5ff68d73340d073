import { expect, test } from "vitest";
import { isAllowed, parseRequest } from "../../src/lib/messages";

const self = { id: "us", url: "chrome-extension://us/" };
const page = { id: "us", url: "chrome-extension://us/options.html" };
const content = { id: "us", url: "https://example.org/" };
const keep = { type: "keep", draft: { text: "a", url: null } } as const;

test("requests are read as they were written", () => {
  for (const request of [keep, { type: "remove", id: "1" }, { type: "clear" }]) {
    expect(parseRequest(request)).toEqual(request);
  }
});

test.each([
  null,
  "clear",
  { type: "format" },
  { type: "remove", id: 7 },
  { type: "keep", draft: null },
  { type: "keep", draft: { text: 1, url: null } },
])("%j is no request", (message) => {
  expect(parseRequest(message)).toBeNull();
});

test("nothing more than asked is taken over", () => {
  expect(parseRequest({ ...keep, draft: { ...keep.draft, id: "forged" } })).toEqual(keep);
});

test("our own pages may do everything, content scripts may only keep, others nothing", () => {
  expect(isAllowed({ type: "clear" }, page, self)).toBe(true);
  expect(isAllowed(keep, content, self)).toBe(true);
  expect(isAllowed({ type: "clear" }, content, self)).toBe(false);
  expect(isAllowed({ type: "remove", id: "1" }, content, self)).toBe(false);
  expect(isAllowed(keep, { ...page, id: "them" }, self)).toBe(false);
  expect(isAllowed(keep, {}, { id: "us" })).toBe(false);
});
