// Asks the linter of Firefox's store about a build: node scripts/lint-ext.mjs FOLDER. Warnings are errors, but for one: the framework sets
// `innerHTML` itself, in its own chunk. What your code sets is an error.
import { spawnSync } from "node:child_process";
import { argv, exit, platform } from "node:process";
import { fileURLToPath } from "node:url";

const FRAMEWORK = /^chunks\/framework-[\w-]+\.js$/;

/**
 * Whether a warning is about the framework's own code.
 * @param {{ code: string, file?: string }} warning
 * @returns {boolean}
 */
export function isExpected({ code, file }) {
  return code === "UNSAFE_VAR_ASSIGNMENT" && FRAMEWORK.test(file ?? "");
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const linter = ["--yes", "addons-linter@10.14.0", "--output", "json"];
  const { stdout, status } = spawnSync("npx", [...linter, ...argv.slice(2)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: platform === "win32",
  });
  // It did not start, which npx has said: it is fetched when it is asked for.
  if (!stdout) exit(status || 1);
  const { errors, warnings } = JSON.parse(stdout);
  const expected = warnings.filter(isExpected);
  const found = [...errors, ...warnings.filter((warning) => !isExpected(warning))];
  for (const { code, message, file, line } of found) {
    console.error(`${file ?? "manifest.json"}:${line ?? 1}: ${code}: ${message}`);
  }
  console.log(`findings: ${found.length}; expected, in the framework: ${expected.length}`);
  exit(found.length === 0 ? 0 : 1);
}
