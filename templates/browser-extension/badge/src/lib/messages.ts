// What the content script says to the background, checked on arrival. Pure.

/** How many words the page has, to be shown on the icon; 0 shows nothing. */
export interface Words {
  readonly type: "words";
  readonly count: number;
}

/** Who sends: the parts of `MessageSender` that decide what is allowed. */
export interface Sender {
  readonly id?: string | undefined;
  readonly tab?: { readonly id?: number | undefined } | undefined;
}

/**
 * The message and the tab that it is about, or nothing. A content script runs in a process that the page may have taken
 * over, so a message can do no more than change the number of its own tab.
 */
export function readWords(
  message: unknown,
  sender: Sender,
  self: string,
): { tabId: number; count: number } | null {
  if (sender.id !== self || sender.tab?.id === undefined) return null;
  const { type, count } = (message ?? {}) as Record<string, unknown>;
  const isCount = Number.isSafeInteger(count) && (count as number) >= 0;
  return type === "words" && isCount ? { tabId: sender.tab.id, count: count as number } : null;
}
