// Draws src/icon.svg in each size that browsers and stores ask for; a picture of yours in public/icon/ stays as it is.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Resvg, initWasm } from "@resvg/resvg-wasm";
import { defineWxtModule } from "wxt/modules";

const SIZES = [16, 32, 48, 128];

const { resolve } = createRequire(import.meta.url);

/** A PNG; what is wrong with the drawing is said with its name. */
function draw(svg: string, size: number): Uint8Array {
  try {
    return new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng();
  } catch (error) {
    throw new Error(`src/icon.svg: ${String(error)}`, { cause: error });
  }
}

export default defineWxtModule({
  name: "icons",
  setup(wxt) {
    // Named in the types too, as for `browser.runtime.getURL("/icon/128.png")`.
    const paths = SIZES.map((size) => `icon/${size}.png`);
    wxt.hook("prepare:publicPaths", (_, named) => void named.push(...paths));
    // Not later: WXT would go on to show its progress after an error.
    wxt.hook("build:before", async () => {
      // A second start, after a change of the configuration, is refused.
      await initWasm(readFile(resolve("@resvg/resvg-wasm/index_bg.wasm"))).catch(() => {});
      const svg = await readFile(join(wxt.config.srcDir, "icon.svg"), "utf8");
      await mkdir(join(wxt.config.wxtDir, "icon"), { recursive: true });
      for (const size of SIZES) {
        await writeFile(join(wxt.config.wxtDir, `icon/${size}.png`), draw(svg, size));
      }
    });
    wxt.hook("build:publicAssets", (_, files) => {
      const own = new Set(files.map((file) => file.relativeDest));
      const drawn = paths.filter((path) => !own.has(path));
      for (const path of drawn) {
        files.push({ absoluteSrc: join(wxt.config.wxtDir, path), relativeDest: path });
      }
    });
  },
});
