// Shows a component as the whole page.
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { part, translate } from "./page";

export function mount(content: ReactNode): void {
  translate(document);
  createRoot(part("main", HTMLElement)).render(<StrictMode>{content}</StrictMode>);
}
