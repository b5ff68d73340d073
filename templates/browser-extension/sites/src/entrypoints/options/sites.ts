// The part of the options page where further sites are allowed and taken back.
import { addSite, furtherSites, patternOf, removeSite, restoreSites } from "../../lib/sites";
import { text } from "../../lib/text";

/** Fills the section with a form and the list. */
export async function mountSites(section: HTMLElement): Promise<void> {
  const form = document.createElement("form");
  const field = document.createElement("input");
  field.ariaLabel = text("siteHint");
  field.placeholder = text("siteHint");
  field.required = true;
  const add = document.createElement("button");
  add.textContent = text("addSite");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  form.append(field, " ", add);
  section.append(form, list, status);

  const show = async () => {
    const items = (await furtherSites()).map((site) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text("removeSite");
      button.addEventListener("click", () => void removeSite(site).then(show));
      item.append(site, " ", button);
      return item;
    });
    list.replaceChildren(...items);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    status.textContent = "";
    const pattern = patternOf(field.value);
    if (!pattern) {
      status.textContent = text("noSite", field.value);
      return;
    }
    void addSite(pattern).then((allowed) => {
      if (allowed) form.reset();
      else status.textContent = text("refusedSite", pattern);
      return show();
    });
  });
  await restoreSites();
  await show();
}
