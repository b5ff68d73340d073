// Further sites where the bar is shown. Each is allowed by the user at the moment it is added, and can be taken back.
import { browser } from "wxt/browser";
import { storage } from "wxt/utils/storage";

const ID = "further-sites";
/** Where the build puts the content script. */
const SCRIPT = "content-scripts/content.js";

const stored = storage.defineItem<readonly string[]>("local:sites", { fallback: [] });

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

export function furtherSites(): Promise<readonly string[]> {
  return stored.getValue();
}

/** Makes the browser run the content script on exactly these sites. */
async function register(sites: readonly string[]): Promise<void> {
  const before = await browser.scripting.getRegisteredContentScripts({ ids: [ID] });
  if (before.length > 0) await browser.scripting.unregisterContentScripts({ ids: [ID] });
  if (sites.length === 0) return;
  await browser.scripting.registerContentScripts([{ id: ID, js: [SCRIPT], matches: [...sites] }]);
}

/**
 * Asks for the site and adds it; false where the user refuses. Must be called in a gesture, before anything is awaited:
 * only then may an extension ask.
 */
export async function addSite(pattern: string): Promise<boolean> {
  const granted = await browser.permissions.request({ origins: [pattern] });
  if (!granted) return false;
  const sites = [...new Set([...(await furtherSites()), pattern])];
  await register(sites);
  await stored.setValue(sites);
  return true;
}

/** Gives the right back. */
export async function removeSite(pattern: string): Promise<void> {
  const sites = (await furtherSites()).filter((site) => site !== pattern);
  await register(sites);
  await stored.setValue(sites);
  await browser.permissions.remove({ origins: [pattern] });
}

/** After an update of the extension the browser has forgotten; rights that were taken back elsewhere are dropped. */
export async function restoreSites(): Promise<void> {
  const sites: string[] = [];
  for (const site of await furtherSites()) {
    if (await browser.permissions.contains({ origins: [site] })) sites.push(site);
  }
  await register(sites);
  await stored.setValue(sites);
}
