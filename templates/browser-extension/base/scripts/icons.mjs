// Draws the icons of every size from src/icon.svg: npm run icons
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { Resvg, initWasm } from "@resvg/resvg-wasm";

export const SIZES = [16, 32, 48, 128];

const { resolve } = createRequire(import.meta.url);
await initWasm(readFileSync(resolve("@resvg/resvg-wasm/index_bg.wasm")));

/**
 * The same bytes on every machine.
 * @param {number} size
 * @returns {Uint8Array}
 */
export function draw(size) {
  const svg = readFileSync("src/icon.svg", "utf8");
  return new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng();
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const size of SIZES) writeFileSync(`public/icon/${size}.png`, draw(size));
}
