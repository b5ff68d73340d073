// The popup below the icon.
import { translate } from "../../lib/page";
import { mountPopup } from "../../sample/popup"; // sample

translate(document);
mountPopup(); // sample
