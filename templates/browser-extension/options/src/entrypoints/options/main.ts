// The page for the user's own data: how much there is, take it along, delete it.
import { clear } from "../../lib/keep";
import { allNotes, watchNotes } from "../../lib/store";
import { text, translate } from "../../lib/text";

function part<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}

const status = part("status", HTMLParagraphElement);
const sure = part("sure", HTMLDialogElement);

function showCount(count: number): void {
  status.textContent = text("storedCount", String(count));
}

/** All notes as a JSON file; the address of the blob is given back once the browser has taken it. */
async function download(): Promise<void> {
  const content = JSON.stringify({ version: 2, notes: await allNotes() }, null, 2);
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "notes.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

translate(document);
part("export", HTMLButtonElement).addEventListener("click", () => void download());
part("clear", HTMLButtonElement).addEventListener("click", () => sure.showModal());
sure.addEventListener("close", () => {
  if (sure.returnValue !== "yes") return;
  sure.returnValue = "";
  clear().catch((error: unknown) => {
    status.textContent = text("notCleared", error instanceof Error ? error.message : String(error));
  });
});
watchNotes((notes) => showCount(notes.length));
showCount((await allNotes()).length);
