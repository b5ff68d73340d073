// Draws the icons: node scripts/icons.mjs. Pure Node, so that no image library has to be installed.
import { mkdirSync, writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const SIZES = [16, 32, 48, 96, 128];
const INK = [38, 70, 120];
const PAPER = [255, 214, 92];

/** The colour with its opacity at a point of the unit square: a note with three lines and a folded corner. */
function colourAt(x, y) {
  const inNote = x > 0.1 && x < 0.9 && y > 0.06 && y < 0.94;
  if (!inNote || x - y > 0.6) return [0, 0, 0, 0];
  if (x - y > 0.55) return [...INK, 255];
  const isLine = [0.38, 0.56, 0.74].some((line) => Math.abs(y - line) < 0.045);
  return [...(isLine && x > 0.24 && x < 0.76 ? INK : PAPER), 255];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function png(size) {
  const rows = [];
  for (let y = 0; y < size; y++) {
    const row = [0];
    for (let x = 0; x < size; x++) {
      row.push(...colourAt((x + 0.5) / size, (y + 0.5) / size));
    }
    rows.push(Buffer.from(row));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

mkdirSync("public/icon", { recursive: true });
for (const size of SIZES) {
  writeFileSync(`public/icon/${size}.png`, png(size));
}
