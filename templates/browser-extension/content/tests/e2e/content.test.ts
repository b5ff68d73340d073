// The bar in web pages, friendly ones and others.
import { type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Opened, TARGETS, serve, shoot, waitFor } from "./harness";

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

/** Selects the words and keeps them. */
async function keepWords(page: Page): Promise<void> {
  await page.evaluate(`{
    const details = ${BAR}.querySelector("details");
    details.open = true;
    getSelection().selectAllChildren(document.querySelector("#words"));
  }`);
  // A script of the page may click as it likes.
  await page.evaluate(`${BAR}.querySelector("button").click()`);
  await clickKeep(page);
}

/** Removes what others add, at once, and counts. */
const HOSTILE = `<!doctype html><title>A page</title><p>Mine.</p><script>
  var removed = 0;
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes])) {
      if (node.localName !== "notes-bar") continue;
      node.remove();
      removed++;
    }
  }).observe(document, { childList: true, subtree: true });
</script>`;

describe.each(TARGETS)("$name", (target) => {
  let opened: Opened | undefined;

  beforeAll(async () => {
    if (!target.missing) opened = await target.start();
  });
  afterAll(async () => {
    await opened?.browser.close();
  });

  /** Opens a page of such content, and does something with it. */
  async function visit(
    { content, type = "text/html" }: { content: string; type?: string },
    use: (page: Page, url: string, at: Opened) => Promise<void>,
  ): Promise<void> {
    if (!opened) throw new Error("the browser did not start");
    const { url, server } = await serve(content, type);
    const page = await opened.browser.newPage();
    try {
      await use(page, url, opened);
    } finally {
      await page.close();
      server.closeAllConnections();
      server.close();
    }
  }

  test.skipIf(target.missing)("keeps what is selected", () =>
    visit({ content: PAGE }, async (page, url) => {
      await page.goto(url);
      await waitFor(page, BAR);
      await page.evaluate(`document.querySelector("notes-bar").remove()`);
      await waitFor(page, counted(0));
      await keepWords(page);
      await waitFor(page, counted(1));
      expect(await page.evaluate(`${BAR}.querySelector("li").textContent`)).toBe("Words to keep.");
      await shoot(page, `${target.name}-content`);
      await page.reload();
      await waitFor(page, counted(1));
    }),
  );

  test.skipIf(target.missing)("a page that removes it at once stays usable, and wins", () =>
    visit({ content: HOSTILE }, async (page, url) => {
      await page.goto(url);
      await waitFor(page, "removed > 1");
      await new Promise((done) => setTimeout(done, 3500));
      const removed = await page.evaluate("removed");
      expect(removed).toBeLessThan(10);
      await new Promise((done) => setTimeout(done, 1000));
      expect(await page.evaluate("removed")).toBe(removed);
    }),
  );

  test.skipIf(target.missing)("follows the address, and a page that writes itself anew", () =>
    visit({ content: PAGE }, async (page, url) => {
      await page.goto(url);
      await waitFor(page, counted(0));
      await keepWords(page);
      await waitFor(page, counted(1));
      await page.evaluate(`history.pushState({}, "", "?second")`);
      await waitFor(page, counted(0));
      await keepWords(page);
      await waitFor(page, counted(1));
      await page.evaluate(`history.back()`);
      await waitFor(page, counted(1));
      await page.evaluate(`document.write("<p>Another</p>"); document.close()`);
      await waitFor(page, counted(1));
      await page.goto(`${url}?second`);
      await waitFor(page, counted(1));
    }),
  );

  test.skipIf(target.missing)("leaves XML alone", () =>
    visit(
      { content: "<feed><title>No HTML</title></feed>", type: "text/xml" },
      async (page, url) => {
        const faults: string[] = [];
        page.on("pageerror", (error) => faults.push(String(error)));
        page.on("console", (message) => {
          if (message.type() === "error") faults.push(message.text());
        });
        await page.goto(url);
        await new Promise((done) => setTimeout(done, 1000));
        expect(await page.evaluate(`document.querySelectorAll("notes-bar").length`)).toBe(0);
        expect(faults).toEqual([]);
      },
    ),
  );

  test.skipIf(target.missing)("an old one goes when the extension is updated", () =>
    visit({ content: PAGE }, async (page, url, { browser, folder }) => {
      await page.goto(url);
      await waitFor(page, counted(0));
      await page.evaluate(`globalThis.old = document.querySelector("notes-bar"); true`);
      await browser.installExtension(folder);
      await waitFor(page, "!old.isConnected");
    }),
  );
});
