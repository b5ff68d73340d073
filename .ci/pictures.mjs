// Pictures of every page of a generated extension, in light and dark, for docs/pictures/ and to look at:
//
//     node .ci/pictures.mjs PROJECT FOLDER
//
// PROJECT has every surface and a content script, is set up, and was built by `npm run test:e2e` or `wxt build --mode e2e`.
// FOLDER gets one sheet for each scheme, `browser-extension-light.webp` and `-dark.webp`, and, in `each/`, every page alone at
// 320, 700 and 1,200 px and from right to left. Chromium and the packages of PROJECT are used.
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";

const [project, folder] = argv.slice(2).map((path) => resolve(path));
if (!folder) {
  console.error("node .ci/pictures.mjs PROJECT FOLDER");
  exit(2);
}
const { default: puppeteer } = await import(
  pathToFileURL(createRequire(join(project, "package.json")).resolve("puppeteer-core")).href
);

const TEXT = `<h1>A page about reading</h1>${"<p>" + "Some words that stand in a page of the web. ".repeat(36) + "</p>"}`;
const PAGE = `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>A page</title>
<style>body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 1rem auto; padding: 0 1rem }</style>${TEXT.repeat(2)}`;
/** Name, width and height in the sheet. */
const PAGES = [
  ["popup", 320, 190],
  ["sidepanel", 360, 360],
  ["options", 560, 450],
  ["devtools-panel", 560, 210],
  ["newtab", 560, 200],
];

const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(PAGE));
await new Promise((done) => server.listen(0, "localhost", done));
const address = `http://localhost:${server.address().port}/`;
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
  pipe: true,
  enableExtensions: true,
  args: ["--no-sandbox", "--disable-gpu"],
});
const id = await browser.installExtension(join(project, ".output/chrome-mv3-e2e"));
mkdirSync(join(folder, "each"), { recursive: true });

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * A page of the extension as it looks in use. In a tab of its own neither popup nor panel has a page to look at, so what the
 * browser would tell them of it is put in its place.
 */
async function opened(name) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    if (location.protocol !== "chrome-extension:") return;
    const result = "word ".repeat(800);
    Object.defineProperty(chrome.scripting, "executeScript", { value: async () => [{ result }] });
    const starts = ["Some words that stand in a page of the web.", "A shorter paragraph.", "A third one"];
    const found = starts.map((start, index) => ({ words: 90 - 23 * index, start }));
    const inspectedWindow = { eval: (_, back) => back(found) };
    const network = { onNavigated: { addListener() {} } };
    for (const api of [chrome, globalThis.browser]) {
      if (api) Object.defineProperty(api, "devtools", { value: { inspectedWindow, network } });
    }
  });
  await page.goto(name === "content" ? address : `chrome-extension://${id}/${name}.html`);
  if (name === "sidepanel") {
    await page.type("textarea", "A text that somebody has pasted here, to know how long it takes.");
  }
  return page;
}

const pictures = { light: [], dark: [] };
for (const [name, width, height] of [...PAGES, ["content", 560, 240]]) {
  const page = await opened(name);
  await pause(1200);
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const direction of ["rtl", "ltr"]) {
      await page.evaluate((dir) => (document.documentElement.dir = dir), direction);
      for (const wide of name === "popup" ? [320] : [320, 700, 1200]) {
        await page.setViewport({ width: wide, height });
        await page.screenshot({ path: join(folder, "each", `${name}-${scheme}-${direction}-${wide}.png`) });
      }
    }
    await page.setViewport({ width, height, deviceScaleFactor: 1.5 });
    const data = await page.screenshot({ encoding: "base64" });
    pictures[scheme].push(`<img src="data:image/png;base64,${data}" width="${width}" alt="">`);
  }
}
for (const [scheme, images] of Object.entries(pictures)) {
  const sheet = await browser.newPage();
  const ground = scheme === "light" ? "#d9dee8" : "#3a3f4a";
  await sheet.setViewport({ width: 1000, height: 400, deviceScaleFactor: 1.5 });
  await sheet.setContent(`<!doctype html><style>
    body { margin: 0; padding: 20px; background: ${ground}; columns: 2; column-gap: 20px }
    img { display: block; margin: 0 auto 20px; border-radius: 8px; max-width: 100% }
  </style>${images.join("")}`);
  await sheet.screenshot({ path: join(folder, `browser-extension-${scheme}.webp`), type: "webp", quality: 55, fullPage: true });
}
await browser.close();
server.close();
