// What the parts of the extension say to the background, checked on arrival. Pure.
import { type Draft } from "./notes";

export type Request =
  | { readonly type: "keep"; readonly draft: Draft }
  | { readonly type: "remove"; readonly id: string }
  | { readonly type: "clear" };

export type Reply = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Who sends: the parts of `MessageSender` that decide what is allowed. */
export interface Sender {
  readonly id?: string | undefined;
  readonly url?: string | undefined;
}

/** The request that a message is, or nothing. */
export function parseRequest(message: unknown): Request | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, draft, id } = message as Record<string, unknown>;
  if (type === "clear") return { type };
  if (type === "remove") return typeof id === "string" ? { type, id } : null;
  if (type !== "keep" || typeof draft !== "object" || draft === null) return null;
  const { text, url } = draft as Record<string, unknown>;
  const isDraft = typeof text === "string" && (url === null || typeof url === "string");
  return isDraft ? { type, draft: { text, url } } : null;
}

/**
 * Whether the sender may ask for this. Only our own pages may remove notes: a content script runs in a process that the
 * page may have taken over, so it may only keep.
 */
export function isAllowed(request: Request, sender: Sender, self: Sender): boolean {
  if (sender.id !== self.id) return false;
  const isOwnPage = Boolean(self.url && sender.url?.startsWith(self.url));
  return isOwnPage || request.type === "keep";
}
