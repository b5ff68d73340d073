// `npm run dev` opens the browser by scripts/launch.ts, as the tests do. Of WXT's own settings for that browser
// (https://wxt.dev/guide/essentials/config/browser-startup.html) `disabled` and `startUrls` are followed.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Target } from "puppeteer-core";
import { type WxtDevServer } from "wxt";
import { defineWxtModule } from "wxt/modules";
import { MatchPattern } from "wxt/utils/match-patterns";
import { type Launched } from "../scripts/launch";

/** A changed configuration loads this file anew, so the server, which is the same, remembers what is open. */
export type Developing = WxtDevServer & {
  launched?: Launched;
  /** Whether it was to start again and could not. */
  isStuck?: boolean;
};

/** What went wrong, in words. The parser of entrypoints keeps the file apart; Firefox adds where it was thrown. */
function told(error: unknown): string {
  const { id, message = String(error) } = error as { id?: string; message?: string };
  const words = message.replace(/ \w+@chrome:.*/s, "");
  return id ? `${id}: ${words}` : words;
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

/** Notes that this process develops in a folder. Another one that does so would build into the same files. */
function claim(folder: string, name: string): void {
  const file = join(folder, `developing-${name}`);
  if (existsSync(file)) {
    const id = Number(readFileSync(file, "utf8"));
    if (id === process.pid) return;
    if (isRunning(id)) {
      throw new Error(
        `process ${id} develops for ${name} here already: end it, or delete ${file} if it is another program`,
      );
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, String(process.pid));
  process.once("exit", () => rmSync(file, { force: true }));
}

/** The process of npm. On some systems the shell in which it starts a script stands between, and outlives it. */
function starter(): number {
  const file = `/proc/${process.ppid}/stat`;
  const known = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [, name, above] = /\((.*)\) . (\d+)/.exec(known) ?? [];
  return name === "sh" ? Number(above) : process.ppid;
}

/** Ends this process and its browser when npm was killed, which then tells nobody. */
function endWithStarter(): void {
  if (!process.env["npm_lifecycle_event"]) return;
  const id = starter();
  const look = () => starter() === id || process.kill(process.pid, "SIGTERM");
  setInterval(look, 1000).unref();
}

type Rights = { [kind in "permissions" | "host_permissions"]?: string[] | undefined };

/** All that a manifest asks for at once, and what WXT adds to it in the package too. */
function rightsOf({ permissions = [], host_permissions: sites = [] }: Rights): Set<string> {
  return new Set([...permissions, ...sites, "sidePanel"]);
}

export default defineWxtModule({
  name: "browser",
  setup(wxt) {
    if (wxt.config.command !== "serve") return;
    const name = wxt.config.browser === "firefox" ? "firefox" : "chromium";

    // Many editors empty a file before they write it. Read in between, the configuration names no entrypoints.
    wxt.config.watchOptions.awaitWriteFinish = { stabilityThreshold: 50, pollInterval: 10 };

    const refuse = (error: unknown) =>
      wxt.logger.error(`The extension was not loaded: ${told(error)}`);

    function waitForEdit(server: Developing | undefined): void {
      if (server) server.isStuck = true;
      wxt.logger.info("Waiting for an edit, which is another try...");
    }

    /** Puts what was built into the open window. The browser may refuse it, or be closed just now. */
    async function install({ browser }: Launched): Promise<void> {
      await browser.installExtension(wxt.config.outDir).catch(refuse);
    }

    /** Tells in the terminal what goes wrong in the extension's own pages, such as a connection that its policy refuses. */
    async function follow(target: Target, base: string): Promise<void> {
      const page = await target.page();
      const report = (what: string) => {
        const url = page?.url() ?? "";
        if (url.startsWith(base)) wxt.logger.error(`${url.slice(base.length)}: ${what}`);
      };
      page?.on("pageerror", (error) => report(told(error)));
      page?.on("console", (message) => {
        if (message.type() !== "error") return;
        const what = message.text();
        const { url = "" } = message.location();
        const isOwn = [base, wxt.server?.origin ?? base].some((own) => url.startsWith(own));
        // Servers say themselves what is wrong, but WXT's does not say that it has no such file.
        if (!what.startsWith("Failed to load resource")) report(what);
        else if (isOwn && /404|NOT_FOUND/.test(what)) report(`there is no ${url}`);
      });
    }

    // Called again whenever the configuration has changed.
    wxt.hook("config:resolved", () => {
      const { disabled, startUrls = [] } = wxt.config.webExt.config ?? {};
      if (disabled) return;
      // Before WXT adds to it what it needs while developing. Without a word that would be missing in the package.
      const asked = rightsOf(wxt.config.manifest);
      wxt.config.runner = {
        canOpen: () => true,
        async openBrowser() {
          const server: Developing | undefined = wxt.server;
          if (server?.launched?.browser.connected) {
            await install(server.launched);
            return;
          }
          // Only here: a build does without a browser.
          const { Refused, hasDisplay, launch } = await import("../scripts/launch");
          const opened = launch(name, wxt.config.outDir, !hasDisplay());
          const launched = await opened.catch((error: unknown) => {
            if (!(error instanceof Refused)) throw error;
            refuse(error);
          });
          if (!launched) {
            waitForEdit(server);
            return;
          }
          if (server) server.launched = launched;
          const { browser, base, unknown } = launched;
          // A page may be closed before it is known.
          browser.on("targetcreated", (target) => void follow(target, base).catch(() => {}));
          const how = hasDisplay() ? "Opened" : "No display, so opened without a window:";
          wxt.logger.success(`${how} ${name} with the extension at ${base}`);
          for (const what of unknown) wxt.logger.warn(`The manifest: ${what}`);
          const added = [...rightsOf(server?.currentOutput?.manifest ?? {})];
          const now = added.filter((right) => !asked.has(right)).join(", ");
          wxt.logger.info(`Only while developing it may also use: ${now}`);
          for (const url of startUrls) await (await browser.newPage()).goto(url);
        },
      };
    });

    // A build that has a wrong pattern is refused, but while developing its script just runs nowhere.
    wxt.hook("entrypoints:resolved", (_, entrypoints) => {
      for (const entrypoint of entrypoints) {
        if (entrypoint.type !== "content-script") continue;
        for (const match of entrypoint.options.matches ?? []) {
          try {
            void new MatchPattern(match);
          } catch (error) {
            wxt.logger.error(`${entrypoint.inputPath}: ${told(error)}`);
          }
        }
      }
    });

    // Not sooner: tests resolve the configuration too, beside a server that runs.
    wxt.hook("server:created", (_, server: Developing) => {
      claim(wxt.config.outBaseDir, name);
      endWithStarter();
      // An error in the configuration or in an entrypoint would end WXT. So the next edit can mend it.
      const wait = (error: unknown) => {
        wxt.logger.error(told(error));
        if (!server.currentOutput) waitForEdit(server);
      };
      process.on("unhandledRejection", wait);
      const { server: first } = wxt.config.dev;
      const start = server.start.bind(server);
      server.start = () =>
        start().catch(async (error: unknown) => {
          const { server: wanted } = wxt.config.dev;
          const isTaken = told(error).endsWith("already in use");
          if (!isTaken && !server.currentOutput) return wait(error);
          if (!isTaken || !wanted || wanted.strictPort) throw error;
          // WXT looks for a free port and listens only later; meanwhile another server has taken it. Without a number it looks again.
          wanted.port = 0;
          await server.stop();
          // Pages would still name the first port, which their policy refuses.
          wxt.hook("server:started", () => void Object.assign(first ?? {}, wxt.config.dev.server));
          await server.start();
        });
    });

    wxt.hook("server:started", (_, server: Developing) => {
      const { root, entrypointsDir, publicDir, srcDir } = wxt.config;
      /** Whether WXT would leave it in the browser as it was, or as it is: what is deleted, and the icon and the texts, which no part imports. */
      function isLeft(event: string, path: string): boolean {
        const isIn = (folder: string) => path.startsWith(folder);
        if (isIn(join(srcDir, "icon.svg")) || isIn(join(publicDir, "_locales"))) return true;
        return event.startsWith("unlink") && [entrypointsDir, publicDir].some(isIn);
      }
      server.watcher.on("all", (event, path) => {
        if (!server.isStuck && !(server.currentOutput && isLeft(event, path))) return;
        wxt.logger.info(`Changed: ${relative(root, path)}, restarting server...`);
        server.isStuck = false;
        // So that WXT builds nothing beside the new start, and nor does the next of many files.
        server.currentOutput = undefined;
        void server.restart();
      });
      // WXT asks the background to reload itself, and after an error there is none that could.
      server.reloadExtension = () => {
        if (server.launched?.browser.connected) void install(server.launched);
        else server.ws.send("wxt:reload-extension");
      };
      // Firefox with manifest 3 runs a content script's old code until the extension is loaded anew.
      if (name !== "firefox" || wxt.config.manifestVersion !== 3) return;
      let changed = false;
      wxt.hook("build:manifestGenerated", () => {
        changed = true;
      });
      server.ws.on("wxt:background-initialized", () => {
        changed = false;
      });
      server.reloadContentScript = (payload) => {
        if (changed) server.reloadExtension();
        else server.ws.send("wxt:reload-content-script", payload);
      };
    });
  },
});
