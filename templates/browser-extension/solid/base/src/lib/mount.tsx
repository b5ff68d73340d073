// Shows a component as the whole page.
import { type Component } from "solid-js";
import { render } from "solid-js/web";
import { part, translate } from "./page";

export function mount(Page: Component): void {
  translate(document);
  render(() => <Page />, part("main", HTMLElement));
}
