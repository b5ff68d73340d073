// A copy of the project, in which the tests of `npm run dev` may edit everything; its packages are the project's own.
import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

const LEFT_OUT = new Set([".git", ".output", ".scaffold", "node_modules"]);

export function copyProject(): string {
  const root = mkdtempSync(join(tmpdir(), "developed-"));
  cpSync(".", root, { recursive: true, filter: (from) => !LEFT_OUT.has(basename(from)) });
  symlinkSync(resolve("node_modules"), join(root, "node_modules"), "junction");
  return root;
}
