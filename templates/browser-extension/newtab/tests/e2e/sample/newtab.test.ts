// The clock.
import { inBrowsers, open, waitFor } from "../harness";

inBrowsers("the clock shows the time, in the colour of the settings", async (launched) => {
  const page = await open(launched, "newtab.html");
  await waitFor(page, String.raw`/\d:\d\d/.test(document.querySelector("#time").textContent)`);
  await page.evaluate(`browser.storage.local.set({ settings: { colour: "#aa0000" } })`);
  await waitFor(page, `document.documentElement.style.cssText.includes("#aa0000")`);
});
