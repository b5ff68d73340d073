// Says what was built and packed, where, for which browser, how large, and which permissions it asks for.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const OUTPUT = ".output";

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile());
}

for (const name of readdirSync(OUTPUT).toSorted()) {
  const path = join(OUTPUT, name);
  if (/-mv[23]$/.test(name)) {
    const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8"));
    const asked = manifest.permissions?.join(", ") ?? "none";
    const files = filesOf(path);
    const size = kilobytes(files.reduce((sum, file) => sum + file.size, 0));
    const version = `manifest ${manifest.manifest_version}`;
    console.log(`${path}: ${version}, ${files.length} files, ${size}, permissions: ${asked}`);
  } else if (name.endsWith(".zip")) {
    const what = name.endsWith("-sources.zip") ? "sources, for reviewers" : "for the store";
    console.log(`${path}: ${kilobytes(statSync(path).size)}, ${what}`);
  }
}
