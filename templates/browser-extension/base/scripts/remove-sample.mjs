// Takes the sample away: npm run remove-sample. What is left builds, passes its checks and does nothing. The sample is all in
// folders named `sample`; elsewhere its lines end in `// sample`, and its blocks lie between such marks.
import { execSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BLOCK = /^ *(?:\/\/|<!--) sample(?: -->)?\n.*?^ *(?:\/\/|<!--) \/sample(?: -->)?\n\n?/gms;
const LINE = /^.*(?:\/\/ sample|`src\/sample\/.*|`npm run remove-sample`.*)\n/gm;

const below = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

for (const part of ["src", "tests/unit", "tests/e2e"]) {
  rmSync(join(part, "sample"), { recursive: true, force: true });
}
rmSync("scripts/remove-sample.mjs");

let sources = "";
const files = [...below("src"), ...below("tests"), ...below("store"), "wxt.config.ts", "README.md"];
for (const file of files.filter((name) => /\.(?:ts|html|css|md)$/.test(name))) {
  const text = readFileSync(file, "utf8");
  const left = text.replaceAll(BLOCK, "").replaceAll(LINE, "").replace("main(context)", "main()");
  if (left !== text) writeFileSync(file, left);
  if (!file.startsWith("tests")) sources += left;
}

const isUsed = ([key]) =>
  new RegExp(`(?:\\btext\\(|data-text=)"${key}"|__MSG_${key}__`).test(sources);
for (const file of below("public/_locales")) {
  const texts = Object.entries(JSON.parse(readFileSync(file, "utf8"))).filter(isUsed);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`);
}

execSync("npm pkg delete scripts.remove-sample && npm run format", { stdio: "inherit" });
