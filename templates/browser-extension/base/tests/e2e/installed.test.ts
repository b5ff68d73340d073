// The browsers take the extension.
import { describe, expect, test } from "vitest";
import { TARGETS } from "./harness";

for (const { missing } of TARGETS) {
  if (missing) console.warn(`end-to-end tests are skipped: ${missing}`);
}

describe.each(TARGETS)("$name", (target) => {
  test.skipIf(target.missing)("installs it", async () => {
    const { browser } = await target.start();
    expect(browser.connected).toBe(true);
    await browser.close();
  });
});
