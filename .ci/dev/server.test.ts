// What the server of `npm run dev` does beside WXT, without a browser.
import { once } from "node:events";
import {
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer as createOther } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "wxt";
import { BROWSERS, MANIFEST_VERSION, copyProject } from "./project";

const UNTIL_SEEN = { timeout: 10_000 };

/** A server that has not started yet, in a copy of the project. */
async function makeServer() {
  const root = copyProject();
  const server = await createServer({
    root,
    browser: BROWSERS.includes("chromium") ? "chrome" : "firefox",
    manifestVersion: MANIFEST_VERSION,
    webExt: { disabled: true },
  });
  onTestFinished(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  return { root, server };
}

/** A file of the extension as it was built for the browser. */
function builtFile(root: string, file: string): string {
  const output = join(root, ".output");
  const folder = readdirSync(output).find((entry) => entry.endsWith("-dev")) ?? "none";
  return join(output, folder, file);
}

// WXT looks for a free port and listens later, so a second `npm run dev` in another folder may take the same one.
test("a port that is taken meanwhile is left to the other server", async () => {
  const { root, server } = await makeServer();
  const { host, port } = server;
  const other = createOther().listen(port, host);
  await once(other, "listening");
  onTestFinished(() => void other.close());
  await server.start();
  expect(server.port).not.toBe(port);
  expect(await fetch(server.origin)).toBeDefined();
  const files = readdirSync(dirname(builtFile(root, "manifest.json")), {
    recursive: true,
    encoding: "utf8",
  });
  const named = files
    .filter((file) => /\.(?:html|js|json)$/.test(file))
    .filter((file) => readFileSync(builtFile(root, file), "utf8").includes(`localhost:${port}`));
  expect(named).toEqual([]);
});

test("what is deleted is gone, and a new icon is drawn", async () => {
  const { root, server } = await makeServer();
  const page = join(root, "src/entrypoints/extra.html");
  const copied = join(root, "public/extra.txt");
  writeFileSync(page, "<!doctype html><title>A page</title>");
  writeFileSync(copied, "text");
  await server.start();
  const built = (file: string) => builtFile(root, file);
  for (const [source, file] of [
    [page, "extra.html"],
    [copied, "extra.txt"],
  ] as const) {
    expect(existsSync(built(file))).toBe(true);
    rmSync(source);
    await expect.poll(() => existsSync(built(file)), UNTIL_SEEN).toBe(false);
    await expect.poll(() => existsSync(built("manifest.json")), UNTIL_SEEN).toBe(true);
  }
  const icon = join(root, "src/icon.svg");
  const drawn = () =>
    existsSync(built("icon/128.png")) && readFileSync(built("icon/128.png"), "base64");
  const before = drawn();
  const drawing = readFileSync(icon, "utf8");
  writeFileSync(icon, drawing.replace(/#[\da-f]{6}/i, "#00ff00"));
  await expect.poll(() => [false, before].includes(drawn()), UNTIL_SEEN).toBe(false);
});

test("an editor may empty the configuration before it writes it", async () => {
  const { root, server } = await makeServer();
  await server.start();
  const config = join(root, "wxt.config.ts");
  const text = readFileSync(config, "utf8");
  const manifestNow = () => {
    const manifest = builtFile(root, "manifest.json");
    return existsSync(manifest) ? readFileSync(manifest, "utf8") : "";
  };
  for (const name of ["first", "second", "third", "fourth", "fifth", "sixth"]) {
    truncateSync(config);
    await new Promise((done) => setTimeout(done, 5));
    writeFileSync(config, text.replace("__MSG_extensionName__", name));
    await expect.poll(manifestNow, UNTIL_SEEN).toContain(`"name": "${name}"`);
  }
});
