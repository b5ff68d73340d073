// The page of the settings.
import { translate } from "../../lib/page";
import { mountOptions } from "../../sample/options"; // sample

translate(document);
mountOptions(); // sample
