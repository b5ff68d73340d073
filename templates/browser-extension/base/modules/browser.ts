// `npm run dev` opens the browser by scripts/launch.ts, as the tests do. Of WXT's own settings for that browser
// (https://wxt.dev/guide/essentials/config/browser-startup.html) `disabled` and `startUrls` are followed.
import { type Wxt } from "wxt";
import { defineWxtModule } from "wxt/modules";
import { type Launched } from "../scripts/launch";

/** A changed configuration loads this file anew, so WXT itself remembers which browser is open. */
export type Developing = Wxt & { launched?: Launched | undefined };

export default defineWxtModule({
  name: "browser",
  setup(wxt: Developing) {
    if (wxt.config.command !== "serve") return;
    const name = wxt.config.browser === "firefox" ? "firefox" : "chromium";

    // Called again whenever the configuration has changed.
    wxt.hook("config:resolved", () => {
      const { disabled, startUrls = [] } = wxt.config.webExt.config ?? {};
      if (disabled) return;
      wxt.config.runner = {
        canOpen: () => true,
        async openBrowser() {
          if (wxt.launched?.browser.connected) {
            // Installed again it has the new manifest, and the window stays. The browser may refuse, or be closed just now.
            await wxt.launched.browser
              .installExtension(wxt.config.outDir)
              .catch((error: unknown) => wxt.logger.error("The extension was not loaded:", error));
            return;
          }
          // Only here: a build does without a browser.
          const { hasDisplay, launch } = await import("../scripts/launch");
          wxt.launched = await launch(name, wxt.config.outDir, !hasDisplay());
          const { browser, base } = wxt.launched;
          const how = hasDisplay() ? "Opened" : "No display, so opened without a window:";
          wxt.logger.success(`${how} ${name} with the extension at ${base}`);
          for (const url of startUrls) await (await browser.newPage()).goto(url);
        },
      };
    });

    // Firefox with manifest 3 runs a content script's old code until the extension is loaded anew.
    wxt.hook("server:started", (_, server) => {
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
