// The page in place of the new tab.
import { translate } from "../../lib/page";
import { mountNewtab } from "../../sample/newtab"; // sample

translate(document);
mountNewtab(); // sample
