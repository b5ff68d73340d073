// A clock in the colour of the settings.
import { paint, part } from "../lib/page";
import { followSettings } from "../lib/settings";

export function mountNewtab(): void {
  const time = part("time", HTMLTimeElement);
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
  const tick = () => (time.textContent = format.format(new Date()));
  tick();
  setInterval(tick, 1000);
  followSettings(({ colour }) => paint(colour));
}
