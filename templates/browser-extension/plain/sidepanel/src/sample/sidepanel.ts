// How long a text takes that is typed or pasted.
import { paint, part, text } from "../lib/page";
import { type Settings, DEFAULTS, followSettings } from "../lib/settings";
import { countWords, minutesOf } from "./reading";

export function mountSidepanel(): void {
  const field = part("text", HTMLTextAreaElement);
  let { pace }: Settings = DEFAULTS;
  const show = () => {
    const words = countWords(field.value);
    part("minutes", HTMLElement).textContent = String(minutesOf(words, pace));
    part("words", HTMLElement).textContent = text("words", String(words));
  };
  field.addEventListener("input", show);
  followSettings((settings) => {
    paint(settings.colour);
    pace = settings.pace;
    show();
  });
  field.focus();
}
