// Opens a real browser with a built extension: for `npm run dev`, and for every test in a browser.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import puppeteer, { type Browser, type LaunchOptions } from "puppeteer-core";

export type BrowserName = "chromium" | "firefox";

/** A browser that has the extension. */
export interface Launched {
  readonly name: BrowserName;
  readonly browser: Browser;
  /** Where the extension was built. */
  readonly folder: string;
  /** What Chromium calls the extension; in Firefox what the manifest says. */
  readonly id: string;
  /** The address of the extension's files, with a slash at its end. */
  readonly base: string;
  /** What Chromium does not know in the manifest, such as a permission, and leaves out without a word. */
  readonly unknown: readonly string[];
}

/** What it is called in the folders of `PATH`, and where it is on systems that have none. */
const PLACES = {
  chromium: [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ],
  firefox: [
    "firefox",
    "firefox-esr",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
  ],
};

/** Firefox gives each installation a host of its own; a preference fixes it. */
const FIREFOX_HOST = "6f1a2b3c-0d4e-4f5a-8b6c-7d8e9f0a1b2c";

function pathOf(name: BrowserName): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const chosen = process.env[`${name.toUpperCase()}_BIN`];
  return (chosen ? [resolve(chosen)] : PLACES[name])
    .flatMap((place) => (isAbsolute(place) ? place : folders.map((folder) => join(folder, place))))
    .find((place) => existsSync(place));
}

/** Why the browser cannot be opened here, if so. */
export function missing(name: BrowserName): string | null {
  const variable = `${name.toUpperCase()}_BIN`;
  if (pathOf(name)) return null;
  return process.env[variable]
    ? `${variable} names no file: ${process.env[variable]}`
    : `${name === "firefox" ? "Firefox" : "Chromium"} was not found: install it, or set ${variable}`;
}

/** Whether a browser is a snap, as in Ubuntu: it has a temporary folder of its own, and sees nothing of the system's. */
function isSnap(path: string): boolean {
  const script = statSync(path).size < 10_000 ? readFileSync(path, "utf8") : "";
  return `${path}\n${script}`.includes("/snap/bin/");
}

/** Where there is no display, a browser can only run without a window. */
export function hasDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== "linux" || Boolean(DISPLAY ?? WAYLAND_DISPLAY);
}

/** Ends a process, and removes a folder as soon as it is gone. */
const END = `
  const [, id, folder] = process.argv;
  process.stdin.resume().on("end", function end() {
    try {
      process.kill(Number(id));
      setTimeout(end, 100);
    } catch {
      require("node:fs").rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });`;

/** Opens a browser. However this program is ended, the browser and its profile go. Killed it can do nothing: another one waits for the end of their pipe. */
async function start(
  options: LaunchOptions & { executablePath: string; userDataDir: string },
): Promise<Browser> {
  const { executablePath, userDataDir } = options;
  const remove = () => rmSync(userDataDir, { recursive: true, force: true, maxRetries: 10 });
  process.once("exit", remove);
  const browser = await puppeteer.launch(options).catch((error: Error) => {
    throw new Error(`${executablePath} did not open: ${error.message}`, { cause: error });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void browser.close().finally(() => process.exit(130)));
  }
  const child = browser.process();
  const guard = spawn(process.execPath, ["-e", END, String(child?.pid), userDataDir], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child?.once("exit", () => {
    guard.kill();
    remove();
  });
  return browser;
}

/** The browser does not take the extension. */
export class Refused extends Error {}

/** Puts the extension into a browser. One that refuses it is closed. */
function install(browser: Browser, folder: string): Promise<string> {
  return browser.installExtension(folder).catch(async (error: Error) => {
    await browser.close();
    throw new Refused(error.message, { cause: error });
  });
}

/** Opens the browser with a profile of its own and puts the extension of the folder into it. */
export async function launch(
  name: BrowserName,
  folder: string,
  headless: boolean,
): Promise<Launched> {
  const absent = missing(name);
  if (absent) throw new Error(absent);
  const executablePath = pathOf(name) ?? "";
  const profile = mkdtempSync(
    join(isSnap(executablePath) ? dirname(folder) : tmpdir(), "extension-"),
  );
  const common = {
    userDataDir: profile,
    executablePath,
    headless,
    defaultViewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  if (name === "chromium") {
    // Else Chromium switches an unpacked extension off as soon as it reloads itself.
    const preferences = { extensions: { ui: { developer_mode: true } } };
    mkdirSync(join(profile, "Default"));
    writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    const flags = ["--disable-gpu", "--no-first-run", "--disable-background-networking"];
    // The superuser and most containers have no sandbox; a window in which people read the web keeps it.
    const sandboxed = !headless && process.getuid?.() !== 0;
    const browser = await start({
      ...common,
      pipe: true,
      enableExtensions: true,
      handleDevToolsAsPage: true,
      args: sandboxed ? flags : ["--no-sandbox", ...flags],
    });
    const id = await install(browser, folder);
    const [page = await browser.newPage()] = await browser.pages();
    await page.goto("chrome://extensions");
    const asked = `chrome.developerPrivate.getExtensionInfo("${id}")
      .then(({ manifestErrors }) => manifestErrors.map(({ message }) => message))`;
    const unknown = (await page.evaluate(asked)) as string[];
    await page.goto("about:blank");
    return { name, browser, folder, id, base: `chrome-extension://${id}/`, unknown };
  }
  const manifest = readFileSync(join(folder, "manifest.json"), "utf8");
  const { browser_specific_settings: settings } = JSON.parse(manifest) as {
    browser_specific_settings: { gecko: { id: string } };
  };
  const { id } = settings.gecko;
  const browser = await start({
    ...common,
    browser: "firefox",
    // Without it pages of extensions may not be opened by a program.
    args: ["--remote-allow-system-access"],
    extraPrefsFirefox: {
      "extensions.webextensions.uuids": JSON.stringify({ [id]: FIREFOX_HOST }),
      "extensions.webextensions.keepUuidOnUninstall": true,
    },
  });
  await install(browser, folder);
  return { name, browser, folder, id, base: `moz-extension://${FIREFOX_HOST}/`, unknown: [] };
}
