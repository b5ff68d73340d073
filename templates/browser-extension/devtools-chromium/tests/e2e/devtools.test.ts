// The panel inside the real developer tools.
import { describe, expect, test } from "vitest";
import { TARGETS, serve, within } from "./harness";

const PAGE = `<!doctype html><title>A page</title><h1>Title</h1><h3>Deep</h3><img src="data:,">`;

describe.each(TARGETS.filter((target) => target.name === "Chromium"))("$name", (target) => {
  test.skipIf(target.missing)(
    "shows the outline of the inspected page and its faults",
    async () => {
      const { url, server } = await serve(PAGE);
      await within(target, async ({ browser, id }) => {
        const page = await browser.newPage();
        await page.goto(url);
        const tools = await page.openDevTools();
        await tools.waitForFrame(`chrome-extension://${id}/devtools.html`);
        await expect
          .poll(() =>
            tools.evaluate(`import("./ui/legacy/legacy.js").then(({ ViewManager }) => {
            const manager = ViewManager.ViewManager.instance();
            const panel = [...manager.views.keys()].find((key) => key.includes("${id}"));
            return panel ? manager.showView(panel).then(() => true) : false;
          })`),
          )
          .toBe(true);
        const panel = await tools.waitForFrame(`chrome-extension://${id}/devtools-panel.html`);
        const lines = () =>
          panel.evaluate(
            `[...document.querySelectorAll("li")].map((li) => li.firstChild.textContent)`,
          );
        await expect.poll(lines, { timeout: 10_000 }).toContain("h1: Title");
        const shown = (await lines()) as string[];
        expect(shown.filter((line) => line.startsWith("⚠"))).toHaveLength(2);
      }).finally(() => server.close());
    },
  );
});
