// How every part of the extension changes the notes: it asks the background, the only one that writes.
import { browser } from "wxt/browser";
import { type Reply, type Request } from "./messages";
import { type Draft } from "./notes";

async function ask(request: Request): Promise<void> {
  const reply = await browser.runtime.sendMessage<Request, Reply | undefined>(request);
  if (!reply?.ok) throw new Error(reply?.reason ?? "the background does not answer");
}

export function keep(draft: Draft): Promise<void> {
  return ask({ type: "keep", draft });
}

export function remove(id: string): Promise<void> {
  return ask({ type: "remove", id });
}

export function clear(): Promise<void> {
  return ask({ type: "clear" });
}
