// A field that is stored while it is edited.
import { type InputHTMLAttributes, useState } from "react";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly stored: string;
  readonly save: (value: string) => void;
}

/** What is typed stays while the field has the focus, and is stored once it is valid; then the field shows what is stored. */
export function Field({ label, stored, save, ...attributes }: FieldProps) {
  const [typed, setTyped] = useState<string>();
  return (
    <label className="row">
      <input
        {...attributes}
        required
        value={typed ?? stored}
        onChange={({ currentTarget: { validity, value } }) => {
          setTyped(value);
          if (validity.valid) save(value);
        }}
        onBlur={({ currentTarget }) => {
          // It is still the active one where its window is left.
          if (document.activeElement !== currentTarget) setTyped(undefined);
        }}
      />
      <span>{label}</span>
    </label>
  );
}
