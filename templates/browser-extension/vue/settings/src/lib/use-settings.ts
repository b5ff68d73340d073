// The settings in components.
import { type ShallowRef, onScopeDispose, shallowRef } from "vue";
import { paint } from "./page";
import { type Settings, followSettings } from "./settings";

/** The settings as they are stored, wherever they were changed; nothing until they are read. The page takes their colour. */
export function useSettings(): Readonly<ShallowRef<Settings | undefined>> {
  const settings = shallowRef<Settings>();
  const stop = followSettings((stored) => {
    paint(stored.colour);
    settings.value = stored;
  });
  onScopeDispose(stop);
  return settings;
}
