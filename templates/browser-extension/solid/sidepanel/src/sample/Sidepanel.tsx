// How long a text takes that is typed or pasted.
import { createMemo, createSignal, onMount } from "solid-js";
import { text } from "../lib/page";
import { DEFAULTS } from "../lib/settings";
import { useSettings } from "../lib/use-settings";
import { countWords, minutesOf } from "./reading";

export function Sidepanel() {
  const settings = useSettings();
  const [typed, setTyped] = createSignal("");
  const words = createMemo(() => countWords(typed()));
  return (
    <>
      <label>
        <span>{text("textHint")}</span>
        <textarea
          id="text"
          dir="auto"
          rows={8}
          ref={(field) => onMount(() => field.focus())}
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p class="figure">
        <strong id="minutes">{minutesOf(words(), (settings() ?? DEFAULTS).pace)}</strong>{" "}
        {text("minutes")}
      </p>
      <p id="words" class="quiet">
        {text("words", String(words()))}
      </p>
    </>
  );
}
