import { beforeEach, expect, test, vi } from "vitest";
import { browser } from "wxt/browser";
import { fakeBrowser } from "wxt/testing/fake-browser";
import { followSites, furtherSites, patternOf } from "../../../src/sample/sites";

const SITE = "https://example.org/*";
const OWN = "https://own.example/*";
let origins: string[] = [];
let registered: { matches: string[] }[] = [];
let changed = () => {};
const matches = () => registered.flatMap((script) => script.matches);

beforeEach(() => {
  fakeBrowser.reset();
  origins = [OWN];
  registered = [];
  const listener = { addListener: (use: () => void) => (changed = use) };
  const manifest = { content_scripts: [{ matches: [OWN] }] };
  Object.assign(browser.runtime, { getManifest: () => manifest });
  Object.assign(browser, {
    permissions: {
      getAll: () => Promise.resolve({ origins }),
      onAdded: listener,
      onRemoved: listener,
    },
    scripting: {
      getRegisteredContentScripts: () => Promise.resolve(registered),
      registerContentScripts: (scripts: { matches: string[] }[]) => (registered = scripts),
      unregisterContentScripts: () => (registered = []),
    },
  });
});

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

test("the script is registered on what is allowed, no more and no less", async () => {
  followSites(() => {});
  await vi.waitFor(() => expect(matches()).toEqual([]));
  origins = [SITE, OWN];
  changed();
  await vi.waitFor(() => expect(matches()).toEqual([SITE]));
  expect(await furtherSites()).toEqual([SITE]);
  origins = [OWN];
  changed();
  await vi.waitFor(() => expect(matches()).toEqual([]));
});
