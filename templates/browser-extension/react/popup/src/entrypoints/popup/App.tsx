// The popup below the icon.
import { text } from "../../lib/page";
import { Popup } from "../../sample/Popup"; // sample

export function App() {
  return (
    <>
      <h1>{text("extensionName")}</h1>
      {/* sample */}
      <Popup />
      {/* /sample */}
    </>
  );
}
