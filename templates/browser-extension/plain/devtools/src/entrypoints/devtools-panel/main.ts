// The panel in the developer tools.
import { translate } from "../../lib/page";
import { mountPanel } from "../../sample/devtools-panel"; // sample

translate(document);
await mountPanel(); // sample
