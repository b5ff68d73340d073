// The panel beside the page; in Firefox the sidebar.
import { mountNotes } from "../../lib/view";

await mountNotes(document);
