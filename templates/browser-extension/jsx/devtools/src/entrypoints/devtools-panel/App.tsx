// The panel in the developer tools.
import { text } from "../../lib/page";
import { DevtoolsPanel } from "../../sample/DevtoolsPanel"; // sample

export function App() {
  return (
    <>
      <h1>{text("extensionName")}</h1>
      {/* sample */}
      <DevtoolsPanel />
      {/* /sample */}
    </>
  );
}
