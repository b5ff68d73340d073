// The stored notes, in a form that is versioned and migrated. Beside the list there is an item for each page that has notes,
// so that a web page reads only its own, however many there are.
import { storage } from "wxt/utils/storage";
import {
  type Draft,
  type Note,
  fromVersion1,
  notesByPage,
  readNotes,
  withNote,
  withoutNote,
} from "./notes";

const VERSION = 2;
const stored = storage.defineItem<readonly Note[]>("local:notes", {
  fallback: [],
  version: VERSION,
  migrations: { 2: fromVersion1 },
});

export async function allNotes(): Promise<readonly Note[]> {
  return readNotes(await stored.getValue());
}

/** Calls back with all notes at every change, wherever it was made; returns what ends that. */
export function watchNotes(changed: (notes: readonly Note[]) => void): () => void {
  return stored.watch((notes) => {
    changed(readNotes(notes));
  });
}

const keyOf = (page: string) => `local:page:${page}` as const;

export async function notesOf(page: string): Promise<readonly Note[]> {
  return readNotes(await storage.getItem(keyOf(page)));
}

/** Calls back with the notes of the page at every change of them; returns what ends that. */
export function watchNotesOf(page: string, changed: (notes: readonly Note[]) => void): () => void {
  return storage.watch(keyOf(page), (notes) => {
    changed(readNotes(notes));
  });
}

async function write(how: (notes: readonly Note[]) => readonly Note[]): Promise<void> {
  const before = await allNotes();
  const after = how(before);
  const pages = notesByPage(after);
  const emptied = [...notesByPage(before).keys()].filter((page) => !pages.has(page));
  // All in one step, so that nobody reads notes without their version.
  await storage.setItems([
    { key: stored.key, value: after },
    { key: `${stored.key}$`, value: { v: VERSION } },
    ...[...pages].map(([page, value]) => ({ key: keyOf(page), value })),
  ]);
  await storage.removeItems(emptied.map(keyOf));
}

/**
 * What reads and then writes must not meet another. Pages and background of the extension share a lock; in a web page the
 * lock would be the page's, which could hold it for ever, so there only a queue keeps the order.
 */
const here: { location?: Location; navigator?: Navigator } = globalThis;
const isWeb = here.location?.protocol.startsWith("http") ?? false;
const locks = isWeb ? undefined : here.navigator?.locks;
let last: Promise<unknown> = Promise.resolve();

function change(how: (notes: readonly Note[]) => readonly Note[]): Promise<void> {
  const next = last.then(() => (locks ? locks.request("notes", () => write(how)) : write(how)));
  last = next.catch(() => {});
  return next;
}

/** Stores a note of the draft. Fails where the browser has no room left; then nothing has changed. */
export function storeNote(draft: Draft): Promise<void> {
  return change((notes) => withNote(notes, draft, crypto.randomUUID(), Date.now()));
}

export function removeNote(id: string): Promise<void> {
  return change((notes) => withoutNote(notes, id));
}

export function removeAllNotes(): Promise<void> {
  return change(() => []);
}
