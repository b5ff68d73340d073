// Node before 24.5 has no locks. These let one in after another, as the browsers do.
import { vi } from "vitest";

let last: Promise<unknown> = Promise.resolve();
const request = (_name: string, use: () => Promise<unknown>) => (last = last.then(use, use));
vi.stubGlobal("navigator", { locks: { request } });
