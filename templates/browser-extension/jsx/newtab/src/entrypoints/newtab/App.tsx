// The page in place of the new tab.
import { text } from "../../lib/page";
import { Newtab } from "../../sample/Newtab"; // sample

export function App() {
  return (
    <>
      <h1>{text("extensionName")}</h1>
      {/* sample */}
      <Newtab />
      {/* /sample */}
    </>
  );
}
