// The longest paragraphs of the inspected page: where readers give up.
import { Index, createSignal, onCleanup, onMount } from "solid-js";
import { text } from "../lib/page";
import { followPage, longestParagraphs } from "./inspected";
import { type Paragraph } from "./paragraphs";

export function DevtoolsPanel() {
  const [found, setFound] = createSignal<readonly Paragraph[] | null>();
  const look = () => void longestParagraphs().then(setFound);
  onMount(() => onCleanup(followPage(look)));

  const status = () => {
    const paragraphs = found();
    if (paragraphs === undefined) return "";
    return paragraphs ? text("paragraphs", String(paragraphs.length)) : text("notReadable");
  };
  return (
    <>
      <p class="row">
        <button type="button" id="look" onClick={look}>
          {text("lookAgain")}
        </button>
      </p>
      <p id="status" role="status">
        {status()}
      </p>
      <ol id="list">
        <Index each={found()}>
          {(paragraph) => (
            <li>{text("paragraph", String(paragraph().words), paragraph().start)}</li>
          )}
        </Index>
      </ol>
    </>
  );
}
