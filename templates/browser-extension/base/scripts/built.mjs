// Says what was built, where, for which browser, how large, and which permissions it asks for.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + entry.size, 0);
}

for (const target of readdirSync(".output").toSorted()) {
  const folder = join(".output", target);
  // Packages lie here too, and builds for the end-to-end tests.
  if (!/-mv[23]$/.test(target)) continue;
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const asked = manifest.permissions?.join(", ") ?? "none";
  const size = (sizeOf(folder) / 1000).toFixed(1);
  console.log(
    `${folder}: manifest ${manifest.manifest_version}, ${size} kB, permissions: ${asked}`,
  );
}
