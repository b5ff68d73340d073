// The panel measures a text.
import { inBrowsers, waitFor } from "../harness";

inBrowsers("a pasted text is measured at once", async ({ open }) => {
  const page = await open("sidepanel.html");
  await page.evaluate(`{
    const field = document.querySelector("#text");
    field.value = "<b>word</b> ".repeat(231);
    field.dispatchEvent(new Event("input"));
  }`);
  await waitFor(page, `document.querySelector("#minutes").textContent === "4"`);
  await waitFor(page, `document.querySelector("#words").textContent.endsWith("693")`);
});
