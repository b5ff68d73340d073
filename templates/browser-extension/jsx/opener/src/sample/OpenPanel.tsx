// The button that opens the side panel.
import { text } from "../lib/page";
import { openPanel } from "./opener";

export function OpenPanel() {
  return (
    <button type="button" id="open-panel" onClick={openPanel}>
      {text("openPanel")}
    </button>
  );
}
