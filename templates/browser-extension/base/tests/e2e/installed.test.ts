// The browsers take the extension.
import { describe, expect, test } from "vitest";
import { TARGETS, within } from "./harness";

for (const { missing } of TARGETS) {
  if (missing) console.warn(`end-to-end tests are skipped: ${missing}`);
}

describe.each(TARGETS)("$name", (target) => {
  test.skipIf(target.missing)("installs it", () =>
    within(target, async ({ id }) => {
      expect(id).not.toBe("");
    }),
  );
});
