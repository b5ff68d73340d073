// The panel beside the page; in Firefox the sidebar.
import { translate } from "../../lib/page";
import { mountSidepanel } from "../../sample/sidepanel"; // sample

translate(document);
mountSidepanel(); // sample
