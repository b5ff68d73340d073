import { beforeEach, expect, test, vi } from "vitest";
import { browser } from "wxt/browser";
import { fakeBrowser } from "wxt/testing/fake-browser";
import { addSite, furtherSites, patternOf, removeSite, restoreSites } from "../../src/lib/sites";

const SITE = "https://example.org/*";
const register = vi.fn();
const permissions = { request: vi.fn(), remove: vi.fn(), contains: vi.fn() };
let registered: { matches: string[] }[] = [];

beforeEach(() => {
  fakeBrowser.reset();
  registered = [];
  register.mockReset().mockImplementation((scripts: { matches: string[] }[]) => {
    registered = scripts;
  });
  permissions.request.mockReset().mockResolvedValue(true);
  permissions.remove.mockReset().mockResolvedValue(true);
  permissions.contains.mockReset().mockResolvedValue(true);
  const scripting = {
    getRegisteredContentScripts: () => Promise.resolve(registered),
    registerContentScripts: register,
    unregisterContentScripts: () => {
      registered = [];
    },
  };
  Object.assign(browser, { permissions, scripting });
});

test.each([
  ["example.org", SITE],
  [" https://Example.org/a?b ", SITE],
  ["a.b.example.org", "https://a.b.example.org/*"],
  ["müller.de", "https://xn--mller-kva.de/*"],
  ["https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/*"],
  ["example.org:8443/path", SITE],
  ["http://example.org", null],
  ["http://localhost:3000/path", null],
  ["*", null],
  ["https://*/", null],
  ["localhost", null],
])("%j means %j", (site, pattern) => {
  expect(patternOf(site)).toBe(pattern);
});

test("a site is asked for, registered once, and given back", async () => {
  expect(await addSite(SITE)).toBe(true);
  await addSite(SITE);
  expect(permissions.request).toHaveBeenCalledWith({ origins: [SITE] });
  expect(registered.map((script) => script.matches)).toEqual([[SITE]]);
  await removeSite(SITE);
  expect(registered).toEqual([]);
  expect(permissions.remove).toHaveBeenCalledWith({ origins: [SITE] });
  expect(await furtherSites()).toEqual([]);
});

test("what the user refuses is not added", async () => {
  permissions.request.mockResolvedValue(false);
  expect(await addSite(SITE)).toBe(false);
  expect(register).not.toHaveBeenCalled();
});

test("after an update what is still allowed is registered again", async () => {
  await addSite(SITE);
  await addSite("https://example.com/*");
  registered = [];
  permissions.contains.mockImplementation(({ origins }: { origins: string[] }) =>
    Promise.resolve(origins[0] === SITE),
  );
  await restoreSites();
  expect(registered.map((script) => script.matches)).toEqual([[SITE]]);
  expect(await furtherSites()).toEqual([SITE]);
});
