// The panel beside the page; in Firefox the sidebar.
import { text } from "../../lib/page";
import { Sidepanel } from "../../sample/Sidepanel"; // sample

export function App() {
  return (
    <>
      <h1>{text("extensionName")}</h1>
      {/* sample */}
      <Sidepanel />
      {/* /sample */}
    </>
  );
}
