// The page in place of the new tab.
import { mountNotes } from "../../lib/view";

await mountNotes(document);
