// What is told to people and to the stores is what was built: the same name, the same permissions.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Manifest {
  readonly name: string;
  readonly permissions?: readonly string[];
}

const builds = readdirSync(".output").filter((name) => /-mv\d$/.test(name));
const manifests = builds.map(
  (name) => JSON.parse(readFileSync(join(".output", name, "manifest.json"), "utf8")) as Manifest,
);
const asked = new Set(manifests.flatMap(({ permissions = [] }) => permissions));

/** Letters and digits alone, since Markdown writes other characters in its own way. */
const letters = (text: string) => text.replaceAll(/&#?\w+;|[^\p{L}\p{N}]/gu, "");

test.each([
  ["README.md", /^# (.*)$/m, /^## Permissions\n.*?(?=^## )/ms, /^\| `(\w+)`/gm],
  [
    "store/listing.md",
    /^\*\*Name\.\*\* (.*)$/m,
    /^## Why each permission\n.*?(?=^## )/ms,
    /^- `(\w+)`/gm,
  ],
])("%s tells the name and each permission", (file, name, section, permission) => {
  const text = readFileSync(file, "utf8");
  const told = (section.exec(text)?.[0] ?? "").matchAll(permission);
  expect(new Set(Array.from(told, ([, word]) => word))).toEqual(asked);
  for (const manifest of manifests) {
    expect(letters(name.exec(text)?.[1] ?? "")).toContain(letters(manifest.name));
  }
});

test("what is stored is told in the text on privacy", () => {
  const privacy = readFileSync("store/privacy.md", "utf8");
  expect(/stores nothing/.test(privacy)).toBe(!asked.has("storage"));
});
