// The bar in a web page: it keeps what is selected, and a page cannot get rid of it.
import { type Page } from "puppeteer-core";
import { describe, expect, test } from "vitest";
import { TARGETS, serve, shoot, waitFor, within } from "./harness";

const PAGE = `<!doctype html><title>A page</title><h1>A page</h1><p id="words">Words to keep.</p>`;
const BAR = `document.querySelector("notes-bar")?.shadowRoot`;
const counted = (count: number) =>
  `${BAR}?.querySelector("summary").textContent.endsWith("${count}")`;

/** Clicks as a person does: at a place of the screen. */
async function clickKeep(page: Page): Promise<void> {
  const { x, y } = (await page.evaluate(`(() => {
    const box = ${BAR}.querySelector("button").getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  })()`)) as { x: number; y: number };
  await page.mouse.click(x, y);
}

describe.each(TARGETS)("$name", (target) => {
  test.skipIf(target.missing)("keeps what is selected", async () => {
    const { url, server } = await serve(PAGE);
    await within(target, async ({ browser }) => {
      const page = await browser.newPage();
      await page.goto(url);
      await waitFor(page, BAR);
      await page.evaluate(`document.querySelector("notes-bar").remove()`);
      await waitFor(page, counted(0));
      await page.evaluate(`{
        const details = ${BAR}.querySelector("details");
        details.open = true;
        getSelection().selectAllChildren(document.querySelector("#words"));
      }`);
      // A script of the page may click as it likes.
      await page.evaluate(`${BAR}.querySelector("button").click()`);
      await clickKeep(page);
      await waitFor(page, counted(1));
      expect(await page.evaluate(`${BAR}.querySelector("li").textContent`)).toBe("Words to keep.");
      await shoot(page, `${target.name}-content`);
      await page.reload();
      await waitFor(page, counted(1));
    }).finally(() => server.close());
  });
});
