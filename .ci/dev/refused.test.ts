// The first `fetch` of an owner is refused by the policy of the pages, and a file has another name than a page says: `npm run
// dev` says so in the terminal.
import { existsSync, rmSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { createServer } from "wxt";
import { type Developing } from "../../modules/browser";
import { MANIFEST_VERSION, copyProject, leftOut } from "./project";

// Firefox tells the refusal only to its own console.
const isTold = MANIFEST_VERSION === 3 && existsSync("src/entrypoints/popup/index.html");

test.skipIf(!isTold || leftOut("chromium"))("a refused connection is told with the policy", async () => {
  const root = copyProject();
  const told = vi.fn();
  const server: Developing = await createServer({
    root,
    browser: "chrome",
    manifestVersion: 3,
    hooks: {
      "server:created": ({ logger }) => {
        logger.error = told;
      },
    },
  });
  onTestFinished(async () => {
    await server.launched?.browser.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  await server.start();
  const { browser, base } = server.launched ?? expect.fail("the browser was not opened");
  const page = await browser.newPage();
  await page.goto(`${base}popup.html`);
  await page.evaluate(`fetch("https://api.example.org").catch(String)`);
  const refused = /^popup\.html: .*api\.example\.org.*Content Security Policy.*connect-src/;
  await expect.poll(() => told.mock.calls.flat()).toContainEqual(expect.stringMatching(refused));
  // WXT's server says nothing of a script that is not there.
  await page.evaluate(`import("${server.origin}/nowhere.ts").catch(String)`);
  const missing = /^popup\.html: there is no http.*nowhere\.ts$/;
  await expect.poll(() => told.mock.calls.flat()).toContainEqual(expect.stringMatching(missing));
});
