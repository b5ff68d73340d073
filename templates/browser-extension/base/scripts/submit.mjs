// Sends what `npm run package` made to each store whose keys are there: node scripts/submit.mjs [--dry-run]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { env, exit, loadEnvFile } from "node:process";
import { KEYS, packagesFor } from "./stores.mjs";

if (existsSync(".env.submit")) loadEnvFile(".env.submit");
const { name } = JSON.parse(readFileSync("package.json", "utf8"));
const packages = packagesFor(env, name);
if (packages.length === 0) {
  console.error(`No store has keys: set ${KEYS.join(" or ")}, see README.md.`);
  exit(1);
}
const submitted = spawnSync("npx", ["wxt", "submit", ...packages, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  shell: process.platform === "win32",
});
exit(submitted.status ?? 1);
