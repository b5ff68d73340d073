// How long the open page takes to read, and the switch for what is shown elsewhere.
import { useEffect, useState } from "react";
import { reasonOf, text } from "../lib/page";
import { saveSettings } from "../lib/settings";
import { useSettings } from "../lib/use-settings";
import { wordsOfPage } from "./open-page";
import { minutesOf } from "./reading";

export function Popup() {
  const settings = useSettings();
  const [words, setWords] = useState<number | null>();
  const [status, setStatus] = useState("");
  useEffect(() => void wordsOfPage().then(setWords), []);
  if (!settings) return null;

  const save = (shown: boolean) => {
    setStatus("");
    saveSettings({ shown }).catch((error: unknown) => {
      setStatus(text("notSaved", reasonOf(error)));
    });
  };
  return (
    <>
      <div id="reading" hidden={!settings.shown}>
        <p className="figure">
          <strong id="minutes">{words ? minutesOf(words, settings.pace) : "–"}</strong>{" "}
          {text("minutes")}
        </p>
        <p id="words" className="quiet">
          {words === null ? text("notReadable") : text("words", String(words ?? "…"))}
        </p>
      </div>
      <label className="row">
        <input
          type="checkbox"
          role="switch"
          id="shown"
          checked={settings.shown}
          onChange={(event) => save(event.currentTarget.checked)}
        />
        <span>{text("shown")}</span>
      </label>
      <p id="status" role="status">
        {status}
      </p>
    </>
  );
}
