// Shows a component as the whole page.
import { type ComponentType, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { part, translate } from "./page";

export function mount(Page: ComponentType): void {
  translate(document);
  createRoot(part("main", HTMLElement)).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
