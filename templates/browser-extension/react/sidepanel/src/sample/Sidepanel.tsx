// How long a text takes that is typed or pasted.
import { useEffect, useRef, useState } from "react";
import { text } from "../lib/page";
import { DEFAULTS } from "../lib/settings";
import { useSettings } from "../lib/use-settings";
import { countWords, minutesOf } from "./reading";

export function Sidepanel() {
  const { pace } = useSettings() ?? DEFAULTS;
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const words = countWords(typed);
  return (
    <>
      <label>
        <span>{text("textHint")}</span>
        <textarea
          id="text"
          dir="auto"
          rows={8}
          ref={field}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p className="figure">
        <strong id="minutes">{minutesOf(words, pace)}</strong> {text("minutes")}
      </p>
      <p id="words" className="quiet">
        {text("words", String(words))}
      </p>
    </>
  );
}
