import { expect, test } from "vitest";
import {
  LONGEST,
  type Note,
  fromVersion1,
  keptToday,
  openable,
  readNotes,
  search,
  tidy,
  withNote,
  withoutNote,
} from "../../src/lib/notes";

const note = (id: string, text: string, url: string | null = null, keptAt = 0): Note => ({
  id,
  text,
  url,
  keptAt,
});

const at = (text: string) => new Date(text).getTime();

test("text is tidied and bounded", () => {
  expect(tidy("  a \t b \n\n  c ")).toBe("a b\nc");
  expect(tidy("x".repeat(LONGEST + 1))).toHaveLength(LONGEST);
});

test("only addresses of the web are kept", () => {
  expect(openable("https://example.org/")).toBe("https://example.org/");
  expect(openable("javascript:alert(1)")).toBeNull();
  expect(openable("file:///etc/passwd")).toBeNull();
  expect(openable(undefined)).toBeNull();
});

test("a new note comes first, the same one again replaces the old, nothing is kept of nothing", () => {
  const one = withNote([], { text: "one", url: null }, "1", 1);
  const two = withNote(one, { text: " two ", url: null }, "2", 2);
  expect(two.map((n) => n.text)).toEqual(["two", "one"]);
  const again = withNote(two, { text: "one", url: null }, "3", 3);
  expect(again.map((n) => n.id)).toEqual(["3", "2"]);
  expect(withNote(two, { text: " \n ", url: null }, "4", 4)).toBe(two);
});

test("the same text of another page is another note", () => {
  const one = withNote([], { text: "a", url: "https://example.org/1" }, "1", 1);
  const two = withNote(one, { text: "a", url: "https://example.org/2" }, "2", 2);
  expect(two).toHaveLength(2);
  expect(withoutNote(two, "1").map((n) => n.id)).toEqual(["2"]);
});

test("search wants every word, in text or address", () => {
  const notes = [note("1", "Red apple"), note("2", "red", "https://apple.example/")];
  expect(search(notes, "APPLE red")).toHaveLength(2);
  expect(search(notes, "green apple")).toHaveLength(0);
  expect(search(notes, "  ")).toHaveLength(2);
});

test("today begins and ends at local midnight", () => {
  const notes = [
    note("1", "late", null, at("2026-03-01T23:59:59")),
    note("2", "early", null, at("2026-03-02T00:00:00")),
  ];
  expect(keptToday(notes, new Date("2026-03-02T12:00:00"))).toBe(1);
});

test("what is no note is left out", () => {
  const good = note("1", "good");
  expect(readNotes([good, null, 3, { id: 1 }, { ...good, url: 5 }])).toEqual([good]);
  expect(readNotes("nonsense")).toEqual([]);
});

test("bare texts of version 1 become notes", () => {
  expect(fromVersion1(["a", 7, "b"]).map((n) => n.text)).toEqual(["a", "b"]);
  expect(fromVersion1(undefined)).toEqual([]);
});
