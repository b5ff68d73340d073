// The part of the options page where further sites are allowed and taken back.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { browser } from "wxt/browser";
import { text } from "../lib/page";
import { followSites, furtherSites, patternOf } from "./sites";

export function Sites() {
  const [sites, setSites] = useState<readonly string[]>([]);
  const [status, setStatus] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => followSites(() => void furtherSites().then(setSites)), []);

  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const site = field.current?.value ?? "";
    const pattern = patternOf(site);
    setStatus(pattern ? "" : text("noSite", site));
    if (!pattern) return;
    // At once, while the gesture lasts: only then may an extension ask.
    void browser.permissions.request({ origins: [pattern] }).then((allowed) => {
      if (allowed) form.reset();
      else setStatus(text("refusedSite", pattern));
    });
  };
  return (
    <section className="card">
      <h2>{text("sites")}</h2>
      <form id="site-form" onSubmit={add}>
        <label>
          <span>{text("siteHint")}</span>
          <input id="site" ref={field} required />
        </label>
        <button>{text("addSite")}</button>
      </form>
      <ul id="site-list">
        {sites.map((site) => (
          <li key={site}>
            <button
              type="button"
              onClick={() => void browser.permissions.remove({ origins: [site] })}
            >
              {text("removeSite", site)}
            </button>
          </li>
        ))}
      </ul>
      <p id="site-status" role="status">
        {status}
      </p>
    </section>
  );
}
