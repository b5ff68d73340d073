// The part of the options page where further sites are allowed and taken back.
import { browser } from "wxt/browser";
import { part, text } from "../lib/page";
import { followSites, furtherSites, patternOf } from "./sites";

async function show(): Promise<void> {
  const items = (await furtherSites()).map((site) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text("removeSite", site);
    button.addEventListener("click", () => void browser.permissions.remove({ origins: [site] }));
    item.append(button);
    return item;
  });
  part("site-list", HTMLElement).replaceChildren(...items);
}

export function mountSites(): void {
  const form = part("site-form", HTMLFormElement);
  const field = part("site", HTMLInputElement);
  const status = part("site-status", HTMLElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pattern = patternOf(field.value);
    status.textContent = pattern ? "" : text("noSite", field.value);
    if (!pattern) return;
    // At once, while the gesture lasts: only then may an extension ask.
    void browser.permissions.request({ origins: [pattern] }).then((allowed) => {
      if (allowed) form.reset();
      else status.textContent = text("refusedSite", pattern);
    });
  });
  followSites(show);
}
