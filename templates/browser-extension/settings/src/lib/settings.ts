// The settings, stored with a version. Every part of the extension reads them; its pages and its background change them.
import { storage } from "wxt/utils/storage";

export interface Settings {
  /** Whether the reading time is shown where the extension shows it by itself. */
  readonly shown: boolean;
  /** As `#rrggbb`. */
  readonly colour: string;
  /** Words in a minute. */
  readonly pace: number;
}

export const DEFAULTS: Settings = { shown: true, colour: "#3257c8", pace: 230 };
export const PACES = { min: 50, max: 1000 };

const VERSION = 2;
const stored = storage.defineItem<Record<string, unknown>>("local:settings", {
  fallback: {},
  version: VERSION,
  migrations: { 2: fromVersion1 },
});

/** Version 1 called the pace `speed`. What is of version 2 already stays, since another part may just have stored it. */
function fromVersion1(value: unknown): Record<string, unknown> {
  const { speed, ...others } = fieldsOf(value);
  return speed === undefined ? others : { pace: speed, ...others };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The settings of a stored value; each field that is damaged is the default's, so that it costs no other. */
export function readSettings(value: unknown): Settings {
  const { shown, colour, pace } = fieldsOf(value);
  const isPace = typeof pace === "number" && pace >= PACES.min && pace <= PACES.max;
  const isColour = typeof colour === "string" && /^#[\da-f]{6}$/i.test(colour);
  return {
    shown: typeof shown === "boolean" ? shown : DEFAULTS.shown,
    colour: isColour ? colour : DEFAULTS.colour,
    pace: isPace ? pace : DEFAULTS.pace,
  };
}

/** Where the browser cannot read what it has stored they are the defaults; saving then says what is wrong. */
export async function settings(): Promise<Settings> {
  return readSettings(await stored.getValue().catch(() => null));
}

/** Calls back with the settings now and at every change, wherever it was made; returns what ends that. */
export function followSettings(use: (settings: Settings) => void): () => void {
  void settings().then(use);
  return stored.watch((value) => {
    use(readSettings(value));
  });
}

/**
 * Stores these fields and no others; those that a newer version has added stay. Fails where the browser has no room left;
 * then nothing has changed. A content script must not call it: a lock in a web page would be the page's.
 */
export async function saveSettings(change: Partial<Settings>): Promise<void> {
  await navigator.locks.request("settings", async () => {
    const value = { ...fieldsOf(await stored.getValue()), ...change };
    // In one step, so that nobody reads settings without their version.
    await storage.setItems([
      { key: stored.key, value },
      { key: `${stored.key}$`, value: { v: VERSION } },
    ]);
  });
}
