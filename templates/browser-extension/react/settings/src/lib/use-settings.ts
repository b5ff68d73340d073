// The settings in components.
import { useEffect, useState } from "react";
import { paint } from "./page";
import { type Settings, followSettings } from "./settings";

/** The settings as they are stored, wherever they were changed; nothing until they are read. The page takes their colour. */
export function useSettings(): Settings | undefined {
  const [settings, setSettings] = useState<Settings>();
  useEffect(
    () =>
      followSettings((stored) => {
        paint(stored.colour);
        setSettings(stored);
      }),
    [],
  );
  return settings;
}
