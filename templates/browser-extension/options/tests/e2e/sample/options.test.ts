// The settings: each field is stored by itself, and what is stored elsewhere is shown.
import { type Page } from "puppeteer-core";
import { expect } from "vitest";
import { API, inBrowsers, waitFor } from "../harness";

const change = (page: Page, id: string, value: string | number) =>
  page.evaluate(`{
    const field = document.querySelector("#${id}");
    field.value = "${value}";
    field.dispatchEvent(new Event("change"));
  }`);
const stored = (page: Page) =>
  page.evaluate(`${API}.storage.local.get("settings").then(({ settings }) => settings)`);

inBrowsers("settings are stored, checked and reset", async ({ open, faults }) => {
  const page = await open("options.html");
  const other = await open("options.html");
  await waitFor(page, `document.querySelector("#pace").value === "230"`);
  await change(page, "pace", 300);
  await waitFor(other, `document.querySelector("#pace").value === "300"`);
  await change(other, "pace", 7);
  await change(other, "colour", "#aa0000");
  await waitFor(page, `document.querySelector("#colour").value === "#aa0000"`);
  expect(await stored(page)).toEqual({ pace: 300, colour: "#aa0000" });
  await page.evaluate(`document.querySelector("#reset").click()`);
  await waitFor(other, `document.querySelector("#pace").value === "230"`);
  expect(faults).toEqual([]);
  await Promise.all([page.close(), other.close()]);
});

inBrowsers("two pages that write at the same moment lose nothing", async ({ open }) => {
  const pages = [await open("options.html"), await open("options.html")] as const;
  await Promise.all(pages.map((page) => waitFor(page, `document.querySelector("#pace").value`)));
  for (let round = 0; round < 20; round++) {
    const [pace, colour] = [100 + round, `#0000${10 + round}`];
    await Promise.all([change(pages[0], "pace", pace), change(pages[1], "colour", colour)]);
    await expect.poll(() => stored(pages[0])).toMatchObject({ pace, colour });
  }
  await Promise.all(pages.map((page) => page.close()));
});
