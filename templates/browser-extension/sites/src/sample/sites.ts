// Further sites where the pill is shown. The browser itself keeps which ones the user has allowed, so that nothing else
// can disagree with it, also where a right is taken back in the browser's own pages.
import { browser } from "wxt/browser";

const ID = "further-sites";
/** Where the build puts the content script. */
const SCRIPT = "content-scripts/content.js";

/**
 * The pattern of a site, from `example.org` or any address on it; nothing where it is no https address. Browsers want
 * international names as `xn--…`, which `URL` writes.
 */
export function patternOf(site: string): string | null {
  const named = site.trim();
  const address = named.includes("://") ? named : `https://${named}`;
  if (!URL.canParse(address)) return null;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" && /^([a-z0-9-]+\.)+[a-z0-9-]+$/.test(hostname)
    ? `https://${hostname}/*`
    : null;
}

/** The sites that are allowed beyond those of the manifest. */
export async function furtherSites(): Promise<readonly string[]> {
  const { origins = [] } = await browser.permissions.getAll();
  const manifest = browser.runtime.getManifest();
  const {
    content_scripts: scripts = [],
    permissions = [],
    host_permissions: hosts = [],
  } = manifest;
  // While developing, WXT asks for the sites of the content script instead of naming it.
  const own = new Set<string>([
    ...scripts.flatMap(({ matches = [] }) => matches),
    ...permissions,
    ...hosts,
  ]);
  return origins.filter((origin) => !own.has(origin)).toSorted();
}

/** Makes the browser run the content script on exactly these sites, also after an update, which forgets them. */
export async function registerSites(): Promise<void> {
  await navigator.locks.request("sites", async () => {
    const matches = [...(await furtherSites())];
    const [before] = await browser.scripting.getRegisteredContentScripts({ ids: [ID] });
    if (String(before?.matches?.toSorted() ?? "") === String(matches)) return;
    if (before) await browser.scripting.unregisterContentScripts({ ids: [ID] });
    if (matches.length === 0) return;
    await browser.scripting.registerContentScripts([{ id: ID, js: [SCRIPT], matches }]);
  });
}

/** Registers now, and whenever a right comes or goes, here or in the browser's own pages; then calls back. */
export function followSites(use: () => unknown): void {
  const follow = () => void registerSites().then(use);
  browser.permissions.onAdded.addListener(follow);
  browser.permissions.onRemoved.addListener(follow);
  follow();
}
