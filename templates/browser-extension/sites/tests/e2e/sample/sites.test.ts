// Further sites: Firefox asks the user, whose answer counts. Chromium's question is out of reach of any program.
import { type Page } from "puppeteer-core";
import { expect } from "vitest";
import { inBrowser, inFirefox, open, waitFor } from "../harness";

const SITE = "https://example.net/*";

const listed = (count: number) => `document.querySelectorAll("#site-list li").length === ${count}`;

/** Adds the site as a person does, since only a real gesture may ask. */
async function add(page: Page): Promise<void> {
  await page.evaluate(`document.querySelector("#site").value = "example.net"`);
  await page.click("#site-form button");
}

/** Waits for Firefox's question and presses one of its buttons. */
const answer = (button: "button" | "secondaryButton") => `
  for (let tries = 0; tries < 200; tries++) {
    const asked = document.querySelector("#notification-popup popupnotification");
    if (asked && PopupNotifications.isPanelOpen) {
      await idle(600); // Firefox takes no answer in the first half second, so that nobody clicks by mistake.
      asked.${button}.click();
      return asked.textContent;
    }
    await idle(50);
  }
  throw new Error("Firefox did not ask");`;

/** What the browser's own page for the rights of an extension does. */
const TAKE_BACK = `
  const { ExtensionPermissions } = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
  await ExtensionPermissions.remove(extension.id, { permissions: [], origins: ["${SITE}"] }, extension);`;

inBrowser("firefox", "a site is added by consent, and goes with it", async (launched) => {
  const page = await open(launched, "options.html");
  const registered = () =>
    page.evaluate(`browser.scripting.getRegisteredContentScripts()
      .then((all) => all.flatMap(({ matches }) => matches))`);
  await add(page);
  await inFirefox(launched, answer("secondaryButton"));
  await waitFor(page, `document.querySelector("#site-status").textContent`);
  expect(await registered()).toEqual([]);
  for (const back of ["in the options", "in the browser"]) {
    await add(page);
    await inFirefox(launched, answer("button"));
    await waitFor(page, listed(1));
    // Each button has a name of its own, as screen readers say it without what stands beside it.
    const name = await page.evaluate(`document.querySelector("#site-list button").textContent`);
    expect(name).toContain(SITE);
    expect(await registered()).toEqual([SITE]);
    if (back === "in the options")
      await page.evaluate(`document.querySelector("#site-list button").click()`);
    else await inFirefox(launched, TAKE_BACK);
    await waitFor(page, listed(0));
    await expect.poll(registered).toEqual([]);
    const isAllowed = `browser.permissions.contains({ origins: ["${SITE}"] })`;
    expect(await page.evaluate(isAllowed)).toBe(false);
  }
});
