// How long the open page takes to read, and the switch for what is shown elsewhere.
import { Show, createResource, createSignal } from "solid-js";
import { reasonOf, text } from "../lib/page";
import { saveSettings } from "../lib/settings";
import { useSettings } from "../lib/use-settings";
import { wordsOfPage } from "./open-page";
import { minutesOf } from "./reading";

export function Popup() {
  const settings = useSettings();
  const [words] = createResource(wordsOfPage);
  const [status, setStatus] = createSignal("");

  const save = (field: HTMLInputElement) => {
    setStatus("");
    saveSettings({ shown: field.checked }).catch((error: unknown) => {
      field.checked = !field.checked;
      setStatus(text("notSaved", reasonOf(error)));
    });
  };
  const minutes = (pace: number) => {
    const found = words();
    return typeof found === "number" ? minutesOf(found, pace) : "–";
  };
  return (
    <Show when={settings()}>
      {(stored) => (
        <>
          <div id="reading" hidden={!stored().shown}>
            <p class="figure">
              <strong id="minutes">{minutes(stored().pace)}</strong> {text("minutes")}
            </p>
            <p id="words" class="quiet">
              {words() === null ? text("notReadable") : text("words", String(words() ?? "…"))}
            </p>
          </div>
          <label class="row">
            <input
              type="checkbox"
              role="switch"
              id="shown"
              checked={stored().shown}
              onChange={(event) => save(event.currentTarget)}
            />
            <span>{text("shown")}</span>
          </label>
          <p id="status" role="status">
            {status()}
          </p>
        </>
      )}
    </Show>
  );
}
