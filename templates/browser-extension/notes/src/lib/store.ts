// The stored notes, in a form that is versioned and migrated.
import { storage } from "wxt/utils/storage";
import { type Draft, type Note, fromVersion1, readNotes, withNote, withoutNote } from "./notes";

const stored = storage.defineItem<readonly Note[]>("local:notes", {
  fallback: [],
  version: 2,
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

/** One change at a time: what reads and then writes must not meet another. */
let last: Promise<unknown> = Promise.resolve();

function change(how: (notes: readonly Note[]) => readonly Note[]): Promise<void> {
  const next = last.then(async () => {
    await stored.setValue(how(await allNotes()));
  });
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
