// A field that is stored while it is edited.
import { type JSX, createEffect, createSignal, splitProps } from "solid-js";

interface FieldProps extends JSX.InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly stored: string;
  readonly save: (value: string) => void;
}

/** What is typed stays while the field has the focus, and is stored once it is valid; then the field shows what is stored. */
export function Field(props: FieldProps) {
  const [own, attributes] = splitProps(props, ["label", "stored", "save"]);
  const [isEdited, setEdited] = createSignal(false);
  // Not by `value`, which would empty the field while half a number, such as `7e`, is typed.
  const follow = (field: HTMLInputElement) =>
    createEffect(() => {
      if (!isEdited()) field.value = own.stored;
    });
  return (
    <label class="row">
      <input
        {...attributes}
        ref={follow}
        required
        onInput={({ currentTarget: { validity, value } }) => {
          setEdited(true);
          if (validity.valid) own.save(value);
        }}
        onBlur={({ currentTarget }) => {
          // It is still the active one where its window is left.
          if (document.activeElement !== currentTarget) setEdited(false);
        }}
      />
      <span>{own.label}</span>
    </label>
  );
}
