// The longest paragraphs of the inspected page: where readers give up.
import { useCallback, useEffect, useState } from "react";
import { text } from "../lib/page";
import { followPage, longestParagraphs } from "./inspected";
import { type Paragraph } from "./paragraphs";

export function DevtoolsPanel() {
  const [found, setFound] = useState<readonly Paragraph[] | null>();
  const look = useCallback(() => void longestParagraphs().then(setFound), []);
  useEffect(() => followPage(look), [look]);
  return (
    <>
      <p className="row">
        <button type="button" id="look" onClick={look}>
          {text("lookAgain")}
        </button>
      </p>
      <p id="status" role="status">
        {found === null && text("notReadable")}
        {found && text("paragraphs", String(found.length))}
      </p>
      <ol id="list">
        {found?.map(({ words, start }, rank) => (
          // oxlint-disable-next-line react/no-array-index-key -- paragraphs may be equal; the rank tells them apart
          <li key={rank}>{text("paragraph", String(words), start)}</li>
        ))}
      </ol>
    </>
  );
}
