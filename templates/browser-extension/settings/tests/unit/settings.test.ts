import { beforeEach, expect, test, vi } from "vitest";
import { browser } from "wxt/browser";
import { fakeBrowser } from "wxt/testing/fake-browser";
import * as store from "../../src/lib/settings";

const { DEFAULTS, followSettings, readSettings, saveSettings, settings } = store;
const set = (stored: object) => fakeBrowser.storage.local.set({ ...stored });

beforeEach(() => {
  fakeBrowser.reset();
  vi.restoreAllMocks();
});

test("without anything stored they are the defaults, and one that is saved costs no other", async () => {
  expect(await settings()).toEqual(DEFAULTS);
  await saveSettings({ pace: 300 });
  await saveSettings({ shown: false });
  expect(await settings()).toEqual({ ...DEFAULTS, pace: 300, shown: false });
});

test.each([
  null,
  "nonsense",
  { pace: "7", shown: 1, colour: "red" },
  { pace: 7 },
  { pace: Infinity },
])("%j is damaged, and its fields are the defaults", (value) =>
  expect(readSettings(value)).toEqual(DEFAULTS),
);

test("a damaged field costs no other", () => {
  const value = { pace: 9999, shown: false, colour: "#00FF00" };
  expect(readSettings(value)).toEqual({ ...DEFAULTS, shown: false, colour: "#00FF00" });
});

test("changes at the same moment lose nothing", async () => {
  const changes = [{ pace: 300 }, { shown: false }, { colour: "#000000" }];
  await Promise.all(changes.map(saveSettings));
  expect(await settings()).toEqual({ pace: 300, shown: false, colour: "#000000" });
});

test("a full storage is reported and changes nothing", async () => {
  vi.spyOn(browser.storage.local, "set").mockRejectedValueOnce(new Error("quota exceeded"));
  await expect(saveSettings({ pace: 300 })).rejects.toThrow("quota exceeded");
  expect(await settings()).toEqual(DEFAULTS);
  await saveSettings({ shown: false });
  expect(await settings()).toEqual({ ...DEFAULTS, shown: false });
});

test("a storage that cannot be read gives the defaults, and nothing is written over it", async () => {
  await saveSettings({ pace: 300 });
  const written = vi.spyOn(browser.storage.local, "set");
  vi.spyOn(browser.storage.local, "get").mockRejectedValue(new Error("corrupt"));
  const seen = vi.fn();
  const stop = followSettings(seen);
  await vi.waitFor(() => expect(seen).toHaveBeenCalledWith(DEFAULTS));
  await expect(saveSettings({ shown: false })).rejects.toThrow("corrupt");
  expect(written).not.toHaveBeenCalled();
  stop();
});

/** Loads the module anew, as each part of the extension does when it starts. */
async function started(): Promise<typeof store> {
  vi.resetModules();
  return import("../../src/lib/settings");
}

test.each([
  ["version 1", { settings: { speed: 400 } }],
  ["version 2 whose version is not known yet", { settings: { pace: 400 } }],
])("what %s has stored is read", async (_, stored) => {
  await set(stored);
  const again = await started();
  await expect.poll(() => again.settings()).toEqual({ ...DEFAULTS, pace: 400 });
});

test("what a newer version has stored is read, and its new fields stay", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  await set({ settings: { pace: 400, future: true }, settings$: { v: 3 } });
  const again = await started();
  expect(await again.settings()).toEqual({ ...DEFAULTS, pace: 400 });
  await again.saveSettings({ shown: false });
  const { settings: stored } = await fakeBrowser.storage.local.get("settings");
  expect(stored).toEqual({ pace: 400, shown: false, future: true });
});

test("who follows is told at once and at each change", async () => {
  const seen = vi.fn();
  const stop = followSettings(seen);
  await vi.waitFor(() => expect(seen).toHaveBeenCalledWith(DEFAULTS));
  await saveSettings({ shown: false });
  expect(seen).toHaveBeenLastCalledWith({ ...DEFAULTS, shown: false });
  stop();
});
