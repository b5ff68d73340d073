// `npm run dev` as people start it: it outlives their mistakes, sees how they are mended, and leaves nothing behind.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
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
  [
    "public/_locales/en/messages.json",
    "{",
    /public.*messages\.json: .*position \d+/,
    /Built extension/,
  ],
  ["src/icon.svg", "<svg", /icon\.svg: /, /Built extension/],
] as const;

/** Where profiles of browsers are made, until the end of the test. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "profiles-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  return folder;
}

const profilesIn = (folder: string) =>
  readdirSync(folder).filter((entry) => /extension|profile/.test(entry));

/** Starts a program in a folder; returns it and what it has said since it was last asked to say something new. */
function start(cwd: string, temporary: string, command: string, args: readonly string[]) {
  // Under a test, WXT would say nothing.
  const env = { ...process.env, NODE_ENV: undefined, TEST: undefined, TMPDIR: temporary };
  const program = spawn(command, args, { cwd, env });
  onTestFinished(() => void program.kill("SIGKILL"));
  const told = { said: "" };
  for (const output of [program.stdout, program.stderr]) {
    output.on("data", (part: Buffer) => (told.said += part.toString()));
  }
  return { program, told, env };
}

/** Whether a process runs. */
function runs(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

/** Opens a browser with the extension, as the tests do, in a program of its own. */
function opening(browser: string, temporary: string) {
  const folder = `.output/${browser === "firefox" ? "firefox" : "chrome"}-mv${MANIFEST_VERSION}`;
  const script = `
    import { runnerImport } from "vite";
    const { module } = await runnerImport("./scripts/launch.ts");
    const { browser } = await module.launch("${browser}", "${resolve(folder)}", true);
    console.log("opened " + browser.process().pid);`;
  const args = ["--input-type=module", "--eval", script];
  return start(".", temporary, process.execPath, args);
}

test.each(BROWSERS.filter((name) => !leftOut(name)))("%s ends with a program that is killed", async (browser) => {
  const temporary = temporaryFolder();
  const { program, told } = opening(browser, temporary);
  await expect.poll(() => told.said, { timeout: 15_000 }).toMatch(/opened \d/);
  const id = Number(/opened (\d+)/.exec(told.said)?.[1]);
  expect(runs(id)).toBe(true);
  expect(profilesIn(temporary)).toHaveLength(1);
  program.kill("SIGKILL");
  await expect.poll(() => runs(id), { timeout: 15_000 }).toBe(false);
  await expect.poll(() => profilesIn(temporary), { timeout: 15_000 }).toEqual([]);
});

// Ubuntu's Firefox sees nothing of the system's temporary folder: it did not open, and said nothing for 30 seconds.
test.runIf(process.platform === "linux").each(BROWSERS)("%s that is a snap has its profile in .output", async (browser) => {
  const temporary = temporaryFolder();
  const snap = join(temporary, "snap");
  writeFileSync(snap, `#!/bin/sh\n# exec /snap/bin/${browser} "$@"\necho "$@" > ${snap}.said\nexit 1\n`, { mode: 0o755 });
  vi.stubEnv(`${browser.toUpperCase()}_BIN`, snap);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { program, told } = opening(browser, temporary);
  await once(program, "close");
  expect(told.said).toContain(`${snap} did not open: `);
  expect(readFileSync(`${snap}.said`, "utf8")).toContain(resolve(".output/extension-"));
  expect([...profilesIn(temporary), ...profilesIn(".output")]).toEqual([]);
});

// In one browser, since WXT is the same in all.
const [name] = BROWSERS;

const script = "node_modules/wxt/bin/wxt.mjs";
const tested = test.skipIf(!name || leftOut(name));

/** A copy of the project until the end of the test. */
function copied(): string {
  const root = copyProject();
  onTestFinished(() => rmSync(root, { recursive: true, maxRetries: 5 }));
  return root;
}

tested("mistakes at the start are told, and wait for their mend", async () => {
  const root = copied();
  const temporary = temporaryFolder();
  const texts = join(root, "public/_locales/de/messages.json");
  const config = join(root, "wxt.config.ts");
  const [goodTexts, goodConfig] = [readFileSync(texts, "utf8"), readFileSync(config, "utf8")];
  writeFileSync(texts, goodTexts.slice(0, -20));
  writeFileSync(config, goodConfig.replace('default_locale: "en"', 'default_locale: "none"'));
  const broken = join(root, "src/entrypoints/broken.ts");
  writeFileSync(broken, "export default = ;\n");
  const { program, told } = start(root, temporary, process.execPath, [script, ...ARGUMENTS]);
  const saying = (what: RegExp) =>
    expect.poll(() => told.said, { timeout: 20_000 }).toMatch(what);
  await saying(/public.*de.*messages\.json: .*position \d+[^]*Waiting/);
  writeFileSync(texts, goodTexts);
  await saying(/broken\.ts: Unexpected[^]*Waiting/);
  rmSync(broken);
  await saying(/was not loaded: [^]*Waiting/);
  expect(profilesIn(temporary)).toEqual([]);
  writeFileSync(config, goodConfig);
  await saying(/extension at/);
  const ended = once(program, "exit");
  program.kill("SIGTERM");
  await ended;
});

tested("a killed npm takes all with it", async () => {
  const temporary = temporaryFolder();
  const { program, told } = start(copied(), temporary, "npm", ["run", "dev"]);
  await expect.poll(() => told.said, { timeout: 20_000 }).toMatch(/extension at/);
  expect(profilesIn(temporary)).toHaveLength(1);
  program.kill("SIGKILL");
  await expect.poll(() => profilesIn(temporary), { timeout: 15_000 }).toEqual([]);
});

tested("a mistake ends nothing, and Ctrl-C all of it", async () => {
  const root = copied();
  const temporary = temporaryFolder();
  const { program, told, env } = start(root, temporary, process.execPath, [script, ...ARGUMENTS]);
  await expect.poll(() => told.said, { timeout: 15_000 }).toMatch(/extension at/);
  // A right that only `npm run dev` gives is told: what needs it would do nothing in the package.
  await expect.poll(() => told.said).toMatch(/Only while developing it may also use: .*http:\/\/localhost/);
  const second = spawnSync(process.execPath, [script, ...ARGUMENTS], { cwd: root, env });
  expect(second.status).toBe(1);
  expect(second.stdout.toString() + second.stderr.toString()).toContain("here already");
  // Tests resolve the same configuration, and may run beside it.
  const tests = ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "locales"];
  expect(spawnSync(process.execPath, tests, { cwd: root, env }).status).toBe(0);
  /** Saves a file, again where WXT was busy and did not see it, until something is said of it. */
  async function save(path: string, text: string, what: RegExp): Promise<void> {
    told.said = "";
    const answer = () => {
      if (!what.test(told.said)) writeFileSync(path, text);
      return told.said;
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
  const ended = once(program, "exit");
  program.kill("SIGINT");
  await ended;
  expect(readdirSync(join(root, ".output"))).not.toContain(`developing-${name}`);
  expect(profilesIn(temporary)).toEqual([]);
});
