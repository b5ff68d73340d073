// WXT looks for a free port and listens later. A port that is taken meanwhile, as by a second `npm run dev` in another
// folder, is no end: the next one is taken.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer as createOther } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "wxt";
import { BROWSERS, MANIFEST_VERSION, copyProject } from "./project";

test("a port that is taken meanwhile is left to the other server", async () => {
  const root = copyProject();
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const server = await createServer({
    root,
    browser: BROWSERS.includes("chromium") ? "chrome" : "firefox",
    manifestVersion: MANIFEST_VERSION,
    webExt: { disabled: true },
  });
  const { host, port } = server;
  const other = createOther().listen(port, host);
  await once(other, "listening");
  onTestFinished(() => void other.close());
  await server.start();
  onTestFinished(() => server.stop());
  expect(server.port).not.toBe(port);
  expect(await fetch(server.origin)).toBeDefined();
});
