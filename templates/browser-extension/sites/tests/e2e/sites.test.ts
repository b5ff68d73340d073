// Further sites: Firefox asks the user, whose answer counts. Chromium's question is out of reach of any program.
import { type Page } from "puppeteer-core";
import { describe, expect, test } from "vitest";
import { inFirefox } from "./firefox";
import { TARGETS, waitFor, within } from "./harness";

/** Adds the site as a person does, since only a real gesture may ask. */
async function add(page: Page): Promise<void> {
  const { x, y } = (await page.evaluate(`(() => {
    document.querySelector("#sites input").value = "example.net";
    const button = document.querySelector("#sites form button");
    button.scrollIntoView();
    const box = button.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  })()`)) as { x: number; y: number };
  await page.mouse.click(x, y);
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

const registered = `browser.scripting.getRegisteredContentScripts().then((all) => all.flatMap(({ matches }) => matches))`;

describe.each(TARGETS.filter((target) => target.name === "Firefox"))("$name", (target) => {
  test.skipIf(target.missing)("a site is added when the user agrees, and given back", () =>
    within(target, async ({ browser, open, faults }) => {
      const page = await open("options.html");
      await waitFor(page, `document.querySelector("#sites form")`);
      await add(page);
      await inFirefox(browser, answer("secondaryButton"));
      await waitFor(page, `document.querySelector("#sites [role=status]").textContent`);
      expect(await page.evaluate(registered)).toEqual([]);
      await add(page);
      await inFirefox(browser, answer("button"));
      await waitFor(page, `document.querySelector("#sites li")`);
      expect(await page.evaluate(registered)).toEqual(["https://example.net/*"]);
      await page.evaluate(`document.querySelector("#sites li button").click()`);
      await waitFor(page, `!document.querySelector("#sites li")`);
      expect(await page.evaluate(registered)).toEqual([]);
      const origin = `{ origins: ["https://example.net/*"] }`;
      expect(await page.evaluate(`browser.permissions.contains(${origin})`)).toBe(false);
      expect(faults).toEqual([]);
    }),
  );
});
