import { beforeEach, expect, test, vi } from "vitest";
import { browser } from "wxt/browser";
import { fakeBrowser } from "wxt/testing/fake-browser";
import {
  allNotes,
  notesOf,
  removeAllNotes,
  removeNote,
  storeNote,
  watchNotes,
} from "../../src/lib/store";

const texts = async () => (await allNotes()).map((note) => note.text);

beforeEach(() => {
  fakeBrowser.reset();
  vi.restoreAllMocks();
});

test("notes are stored, removed one by one, and all together", async () => {
  await storeNote({ text: "one", url: null });
  await storeNote({ text: "two", url: null });
  expect(await texts()).toEqual(["two", "one"]);
  const [first] = await allNotes();
  await removeNote(first?.id ?? "");
  expect(await texts()).toEqual(["one"]);
  await removeAllNotes();
  expect(await texts()).toEqual([]);
});

test("changes at the same time do not lose each other", async () => {
  await Promise.all(["a", "b", "c"].map((text) => storeNote({ text, url: null })));
  expect((await texts()).toSorted()).toEqual(["a", "b", "c"]);
});

test("a full storage is told, loses nothing, and does not stop what comes later", async () => {
  await storeNote({ text: "kept", url: null });
  vi.spyOn(browser.storage.local, "set").mockRejectedValueOnce(new Error("quota exceeded"));
  await expect(storeNote({ text: "too much", url: null })).rejects.toThrow("quota exceeded");
  expect(await texts()).toEqual(["kept"]);
  await storeNote({ text: "later", url: null });
  expect(await texts()).toEqual(["later", "kept"]);
});

test("what version 1 stored is migrated", async () => {
  await fakeBrowser.storage.local.set({ notes: ["old", "older"] });
  vi.resetModules();
  const store = await import("../../src/lib/store");
  await expect
    .poll(async () => (await store.allNotes()).map((n) => n.text))
    .toEqual(["old", "older"]);
});

test("notes whose version is not known yet are no older ones", async () => {
  await storeNote({ text: "new", url: null });
  await fakeBrowser.storage.local.remove("notes$");
  vi.resetModules();
  const store = await import("../../src/lib/store");
  expect((await store.allNotes()).map((n) => n.text)).toEqual(["new"]);
});

test("a page has its own notes, and nothing is left of it when they go", async () => {
  const url = "https://example.org/";
  await storeNote({ text: "of a page", url });
  await storeNote({ text: "of none", url: null });
  expect((await notesOf(url)).map((n) => n.text)).toEqual(["of a page"]);
  await removeAllNotes();
  expect(JSON.stringify(await fakeBrowser.storage.local.get())).not.toContain(url);
});

test("who watches is told", async () => {
  const seen = vi.fn();
  const stop = watchNotes(seen);
  await storeNote({ text: "one", url: null });
  expect(seen).toHaveBeenCalledOnce();
  stop();
});
