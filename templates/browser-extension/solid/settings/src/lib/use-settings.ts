// The settings in components.
import { type Accessor, createSignal, onCleanup } from "solid-js";
import { paint } from "./page";
import { type Settings, followSettings } from "./settings";

/** The settings as they are stored, wherever they were changed; nothing until they are read. The page takes their colour. */
export function useSettings(): Accessor<Settings | undefined> {
  const [settings, setSettings] = createSignal<Settings>();
  const stop = followSettings((stored) => {
    paint(stored.colour);
    setSettings(stored);
  });
  onCleanup(stop);
  return settings;
}
