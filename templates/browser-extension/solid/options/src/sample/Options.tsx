// All settings. Each field is stored by itself as soon as it is changed.
import { Show, createSignal } from "solid-js";
import { reasonOf, text } from "../lib/page";
import { DEFAULTS, PACES, type Settings, saveSettings } from "../lib/settings";
import { useSettings } from "../lib/use-settings";
import { Field } from "./Field";

export function Options() {
  const settings = useSettings();
  const [status, setStatus] = createSignal("");

  const save = (change: Partial<Settings>, field?: HTMLInputElement) => {
    saveSettings(change).then(
      () => setStatus(text("saved")),
      (error: unknown) => {
        if (field) field.checked = !field.checked;
        setStatus(text("notSaved", reasonOf(error)));
      },
    );
  };
  return (
    <Show when={settings()}>
      {(stored) => (
        <section class="card">
          <label class="row">
            <input
              type="checkbox"
              role="switch"
              id="shown"
              checked={stored().shown}
              onChange={({ currentTarget: field }) => save({ shown: field.checked }, field)}
            />
            <span>{text("shown")}</span>
          </label>
          <Field
            label={text("colour")}
            type="color"
            id="colour"
            stored={stored().colour}
            save={(colour) => save({ colour })}
          />
          <Field
            label={text("pace")}
            type="number"
            id="pace"
            min={PACES.min}
            max={PACES.max}
            stored={String(stored().pace)}
            save={(pace) => save({ pace: Number(pace) })}
          />
          <p>
            <button type="button" id="reset" onClick={() => save(DEFAULTS)}>
              {text("reset")}
            </button>
          </p>
          <p id="status" role="status">
            {status()}
          </p>
        </section>
      )}
    </Show>
  );
}
