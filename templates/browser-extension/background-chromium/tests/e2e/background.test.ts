// The background in a real browser: it is ended, starts again, and nothing is lost.
import { describe, expect, test } from "vitest";
import { TARGETS, within } from "./harness";

const NOTE = { id: "1", text: "a", url: null, keptAt: Date.now() };
const isWorker = (found: { type(): string }) => found.type() === "service_worker";

describe.each(TARGETS.filter((target) => target.name === "Chromium"))("$name", (target) => {
  test.skipIf(target.missing)("a worker that starts again counts what is stored", () =>
    within(target, async ({ browser }) => {
      const first = await browser.waitForTarget(isWorker);
      const worker = await first.worker();
      const stored = JSON.stringify({ notes: [NOTE], notes$: { v: 2 } });
      await worker?.evaluate(`chrome.storage.local.set(${stored})`);
      await worker?.close();
      // Any event starts it; here a page of ours says something that is refused.
      const page = await browser.newPage();
      await page.goto(new URL("manifest.json", first.url()).href);
      await page.evaluate(`chrome.runtime.sendMessage({ type: "hello" })`).catch(() => {});
      const second = await browser.waitForTarget((found) => isWorker(found) && found !== first);
      const again = await second.worker();
      await expect
        .poll(() => again?.evaluate("chrome.action.getBadgeText({})"), { timeout: 10_000 })
        .toBe("1");
    }),
  );
});
