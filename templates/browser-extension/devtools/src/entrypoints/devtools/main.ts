// Adds the panel to the developer tools.
import { browser } from "wxt/browser";
import { text } from "../../lib/page";

void browser.devtools.panels.create(text("panelTitle"), "icon/32.png", "devtools-panel.html");
