// The settings in components.
import { paint } from "./page";
import { type Settings, followSettings } from "./settings";

/** The settings as they are stored, wherever they were changed; nothing until they are read. The page takes their colour. */
export function useSettings(): { readonly current: Settings | undefined } {
  let settings = $state.raw<Settings>();
  $effect(() =>
    followSettings((stored) => {
      paint(stored.colour);
      settings = stored;
    }),
  );
  return {
    get current() {
      return settings;
    },
  };
}
