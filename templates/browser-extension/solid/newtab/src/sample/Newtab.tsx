// A clock in the colour of the settings.
import { createSignal, onCleanup } from "solid-js";
import { text } from "../lib/page";
import { useSettings } from "../lib/use-settings";

export function Newtab() {
  useSettings();
  const [now, setNow] = createSignal(new Date());
  const timer = setInterval(() => setNow(new Date()), 1000);
  onCleanup(() => clearInterval(timer));
  return (
    <p class="figure huge">
      <time id="time">{now().toLocaleTimeString(text("language"), { timeStyle: "short" })}</time>
    </p>
  );
}
