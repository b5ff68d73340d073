// A clock in the colour of the settings.
import { useEffect, useState } from "react";
import { text } from "../lib/page";
import { useSettings } from "../lib/use-settings";

export function Newtab() {
  useSettings();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="figure huge">
      <time id="time">{now.toLocaleTimeString(text("language"), { timeStyle: "short" })}</time>
    </p>
  );
}
