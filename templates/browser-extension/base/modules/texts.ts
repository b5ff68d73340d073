// Refuses texts that no browser would take. Firefox only says that the extension is invalid.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { defineWxtModule } from "wxt/modules";

/** Fails where a file of texts cannot be read, or has a text without words. */
function check(file: string): void {
  const texts = JSON.parse(readFileSync(file, "utf8")) as Record<string, { message?: unknown }>;
  for (const [key, { message }] of Object.entries(texts)) {
    if (typeof message !== "string") throw new Error(`"${key}" has no "message"`);
  }
}

export default defineWxtModule({
  name: "texts",
  setup(wxt) {
    wxt.hook("build:before", () => {
      const folder = join(wxt.config.publicDir, "_locales");
      for (const locale of existsSync(folder) ? readdirSync(folder) : []) {
        const file = join(folder, locale, "messages.json");
        try {
          check(file);
        } catch (error) {
          const { message } = error as Error;
          throw new Error(`${relative(wxt.config.root, file)}: ${message}`, { cause: error });
        }
      }
    });
  },
});
