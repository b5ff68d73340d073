// A field that is stored while it is edited.
import { type JSX, createSignal, splitProps } from "solid-js";

interface FieldProps extends JSX.InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly stored: string;
  readonly save: (value: string) => void;
}

/** What is typed stays while the field has the focus, and is stored once it is valid; then the field shows what is stored. */
export function Field(props: FieldProps) {
  const [own, attributes] = splitProps(props, ["label", "stored", "save"]);
  const [typed, setTyped] = createSignal<string>();
  return (
    <label class="row">
      <input
        {...attributes}
        required
        value={typed() ?? own.stored}
        onInput={({ currentTarget: { validity, value } }) => {
          setTyped(value);
          if (validity.valid) own.save(value);
        }}
        onBlur={() => setTyped(undefined)}
      />
      <span>{own.label}</span>
    </label>
  );
}
