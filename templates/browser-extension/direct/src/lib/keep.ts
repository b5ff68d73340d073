// How every part of the extension changes the notes: it writes to the storage itself.
export { removeAllNotes as clear, removeNote as remove, storeNote as keep } from "./store";
