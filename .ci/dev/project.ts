// The extension in which these tests run, and a copy of it, in which they may edit everything.
import { cpSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { type BrowserName, missing } from "../../scripts/launch";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: { dev: string };
};
export const MANIFEST_VERSION = scripts.dev.includes("--mv2") ? 2 : 3;
/** What `npm run dev` gives to WXT. */
export const ARGUMENTS = scripts.dev.split(" ").slice(1);
export const BROWSERS: BrowserName[] =
  MANIFEST_VERSION === 2 ? ["firefox"] : ["chromium", "firefox"];

/** Whether a browser is not here. In CI that would be a green check of nothing. */
export function leftOut(name: BrowserName): boolean {
  const why = missing(name);
  if (why && process.env["CI"]) throw new Error(why);
  if (why) console.warn(why);
  return why !== null;
}

const OMITTED = new Set([".git", ".output", ".scaffold", "node_modules"]);

/** Its packages are those of the project. */
export function copyProject(): string {
  const root = mkdtempSync(join(tmpdir(), "developed-"));
  cpSync(".", root, { recursive: true, filter: (from) => !OMITTED.has(basename(from)) });
  symlinkSync(resolve("node_modules"), join(root, "node_modules"), "junction");
  return root;
}
