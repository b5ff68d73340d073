// `npm run dev`: each kind of file is edited, and the running browser shows it by itself. An edit adds something that calls
// a server of the test, so only what the browser really runs is seen. All happens in a copy of the project.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer as listen } from "node:http";
import { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Wxt, type WxtDevServer, createServer } from "wxt";
import { type Developing } from "../../modules/browser";
import { type Launched } from "../../scripts/launch";
import { inFirefox } from "../e2e/harness";
import { BROWSERS, MANIFEST_VERSION, PAGE, copyProject, first, leftOut } from "./project";

/** So long an edit may take until it is seen, in milliseconds. */
const SOON = 4000;
/** The place after the first line of the function that the browser starts. */
const MAIN = /(?<=main\(.*\) \{)/;
/** The entrypoints that there are; the component is that of a framework. */
const BACKGROUND = "src/entrypoints/background.ts";
const CONTENT = "src/entrypoints/content.ts";
const FOLDER = `src/entrypoints/${PAGE}`;
const COMPONENT = first(`${FOLDER}/App.tsx`, `${FOLDER}/App.svelte`);
const SCRIPT = first(`${FOLDER}/main.tsx`, `${FOLDER}/main.ts`) ?? "";

const called: string[] = [];
const home = listen((request, response) => {
  called.push(request.url?.slice(1) ?? "");
  response
    .setHeader("Content-Type", "text/html; charset=utf-8")
    .end("<!doctype html><title>A page</title>");
});
let address = "";

beforeAll(async () => {
  await new Promise<void>((done) => home.listen(0, "localhost", done));
  address = `http://localhost:${(home.address() as AddressInfo).port}/`;
});
afterAll(() => {
  home.closeAllConnections();
  home.close();
});

/** Asks again and again, at most so long. */
const within = (milliseconds: number) => ({ timeout: milliseconds, interval: 20 });

describe.each(BROWSERS)("%s", (name) => {
  const root = copyProject();
  let server: WxtDevServer | undefined;
  let wxt: Developing | undefined;
  /** How often a page or the background has begun to listen for changes, and how often the background is ready. */
  let connections = 0;
  let starts = 0;

  beforeAll(async () => {
    if (leftOut(name)) return;
    server = await createServer({
      root,
      browser: name === "firefox" ? "firefox" : "chrome",
      manifestVersion: MANIFEST_VERSION,
      // The content script runs on the page of this test, as in the end-to-end tests.
      mode: "e2e",
      hooks: {
        // Also after a change of the configuration, with new sockets.
        "server:started": (started: Wxt, { ws }: WxtDevServer) => {
          wxt = started;
          ws.on("connection", () => void connections++);
          // In manifest 2 the background only connects, before any page does.
          const ready = MANIFEST_VERSION === 2 ? "connection" : "wxt:background-initialized";
          ws.on(ready, () => void starts++);
        },
      },
    });
    await server.start();
  });
  afterAll(async () => {
    await wxt?.launched?.browser.close();
    await server?.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  function opened(): Launched {
    if (!wxt?.launched) throw new Error("the browser was not opened");
    return wxt.launched;
  }

  /** Puts something into a file of the project before the first place of a mark. */
  function edit(file: string, mark: RegExp, added: string): void {
    const path = join(root, file);
    const before = readFileSync(path, "utf8");
    expect(before).toMatch(mark);
    writeFileSync(
      path,
      before.replace(mark, (found) => added + found),
    );
  }

  const seen = (what: string) =>
    expect.poll(() => called, within(SOON)).toContain(`${name}-${what}`);
  const call = (what: string) => `void fetch("${address}${name}-${what}");\n`;
  const started = () => expect.poll(() => starts, within(15_000)).toBeGreaterThan(0);

  test.skipIf(leftOut(name) || !PAGE)("a page, its style and its script", async () => {
    await started();
    const { browser, base } = opened();
    const page = await browser.newPage();
    const before = connections;
    // Firefox never says that a page of an extension is loaded.
    void page.goto(`${base}${PAGE}.html`).catch(() => {});
    await expect.poll(() => connections, within(15_000)).toBeGreaterThan(before);
    await page.evaluate("globalThis.stays = true");
    edit("src/lib/ui.css", /^body/m, `html { background: url(${address}${name}-style) }\n`);
    await seen("style");
    expect(await page.evaluate("globalThis.stays")).toBe(true);
    if (COMPONENT) {
      const shown = () => page.evaluate(`document.querySelector("h1")?.textContent`);
      await expect.poll(shown, within(15_000)).toBeTruthy();
      edit(COMPONENT, /^ *import/m, call("component"));
      await seen("component");
      expect(await page.evaluate("globalThis.stays")).toBe(true);
    }
    edit(SCRIPT, /^import/m, call("script"));
    await seen("script");
    const image = `<img src="${address}${name}-page" alt="" />`;
    edit(`${FOLDER}/index.html`, /<\/main>/, image);
    await seen("page");
    await page.close();
  });

  test.skipIf(leftOut(name) || !existsSync(BACKGROUND))("the background", async () => {
    await started();
    const before = starts;
    edit(BACKGROUND, MAIN, call("background"));
    await seen("background");
    await expect.poll(() => starts, within(15_000)).toBeGreaterThan(before);
  });

  test.skipIf(leftOut(name) || !existsSync(CONTENT))("the content script", async () => {
    await started();
    const page = await opened().browser.newPage();
    await page.goto(address);
    edit(CONTENT, MAIN, call("content"));
    await seen("content");
    await page.close();
  });

  test.skipIf(leftOut(name))("the configuration", async () => {
    const launched = opened();
    const before = starts;
    edit("wxt.config.ts", /default_locale/, `name: "Edited",\n`);
    const nameNow = async () =>
      name === "firefox"
        ? await inFirefox(launched, "return extension.name;").catch(String)
        : (await launched.browser.extensions()).get(launched.id)?.name;
    await expect.poll(nameNow, within(SOON)).toBe("Edited");
    await expect.poll(() => starts, within(15_000)).toBeGreaterThan(before);
  });
});
