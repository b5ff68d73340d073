// `npm run dev` as people start it: it outlives their mistakes, sees how they are mended, and leaves nothing behind.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ARGUMENTS, BROWSERS, MANIFEST_VERSION, copyProject, leftOut } from "./project";

/**
 * A file, what a mistake adds to it, and what is said of that and of its end. The second one falls into the new start after
 * the first, where WXT builds everything.
 */
const MISTAKES = [
  ["wxt.config.ts", "const broken = ;", /wxt\.config\.ts:\d+/, /Config changed/],
  [
    "src/entrypoints/background.ts",
    "const broken = ;",
    /background\.ts: Unexpected/,
    /Reloaded|reopen/,
  ],
  ["src/entrypoints/content.ts", "const broken = ;", /content\.ts: Unexpected/, /Reloaded|reopen/],
  ["public/_locales/en/messages.json", "{", /was not loaded: /, /Reloaded/],
  ["src/icon.svg", "<svg", /icon\.svg: /, /Built extension/],
] as const;

/** Where profiles of browsers are made, until the end of the test. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "profiles-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  return folder;
}

/** Whether a process runs. */
function runs(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

test.each(BROWSERS.filter((name) => !leftOut(name)))("%s ends with a program that is killed", async (browser) => {
  const folder = `.output/${browser === "firefox" ? "firefox" : "chrome"}-mv${MANIFEST_VERSION}`;
  const script = `
    import { runnerImport } from "vite";
    const { module } = await runnerImport("./scripts/launch.ts");
    const { browser } = await module.launch("${browser}", "${resolve(folder)}", true);
    console.log("opened " + browser.process().pid);`;
  const temporary = temporaryFolder();
  const program = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = "";
  program.stdout.on("data", (part: Buffer) => (said += part.toString()));
  await expect.poll(() => said, { timeout: 15_000 }).toMatch(/opened \d/);
  const id = Number(/\d+/.exec(said)?.[0]);
  expect(runs(id)).toBe(true);
  program.kill("SIGKILL");
  await expect.poll(() => runs(id), { timeout: 15_000 }).toBe(false);
});

// In one browser, since WXT is the same in all.
const [name] = BROWSERS;

test.skipIf(!name || leftOut(name))("a mistake ends nothing, and Ctrl-C all of it", async () => {
  const root = copyProject();
  onTestFinished(() => rmSync(root, { recursive: true, maxRetries: 5 }));
  const temporary = temporaryFolder();
  const script = "node_modules/wxt/bin/wxt.mjs";
  // Under a test, WXT would say nothing.
  const env = { ...process.env, NODE_ENV: undefined, TEST: undefined, TMPDIR: temporary };
  const developing = spawn(process.execPath, [script, ...ARGUMENTS], { cwd: root, env });
  onTestFinished(() => void developing.kill("SIGKILL"));
  let said = "";
  for (const output of [developing.stdout, developing.stderr]) {
    output.on("data", (part: Buffer) => (said += part.toString()));
  }
  await expect.poll(() => said, { timeout: 15_000 }).toMatch(/extension at/);
  // A right that only `npm run dev` gives is told: what needs it would do nothing in the package.
  await expect.poll(() => said).toMatch(/Only while developing it may also use: .*http:\/\/localhost/);
  const second = spawnSync(process.execPath, [script, ...ARGUMENTS], { cwd: root, env });
  expect(second.status).toBe(1);
  expect(second.stdout.toString() + second.stderr.toString()).toContain("here already");
  // Tests resolve the same configuration, and may run beside it.
  const tests = ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "locales"];
  expect(spawnSync(process.execPath, tests, { cwd: root, env }).status).toBe(0);
  /** Saves a file, again where WXT was busy and did not see it, until something is said of it. */
  async function save(path: string, text: string, what: RegExp): Promise<void> {
    said = "";
    const answer = () => {
      if (!what.test(said)) writeFileSync(path, text);
      return said;
    };
    await expect.poll(answer, { timeout: 20_000, interval: 2000 }).toMatch(what);
  }
  for (const [file, mistake, fault, mended] of MISTAKES.filter(([path]) => existsSync(path))) {
    const path = join(root, file);
    const before = readFileSync(path, "utf8");
    await save(path, `${before}\n${mistake}\n`, fault);
    await save(path, before, mended);
  }
  const content = join(root, "src/entrypoints/content.ts");
  if (existsSync(content)) {
    const before = readFileSync(content, "utf8");
    await save(content, before.replace('/*";', '";'), /content\.ts: Invalid match pattern/);
    await save(content, before, /Reloaded/);
  }
  const ended = once(developing, "exit");
  developing.kill("SIGINT");
  await ended;
  expect(readdirSync(join(root, ".output"))).not.toContain(`developing-${name}`);
  const profiles = readdirSync(temporary).filter((entry) => /extension|profile/.test(entry));
  expect(profiles).toEqual([]);
});
