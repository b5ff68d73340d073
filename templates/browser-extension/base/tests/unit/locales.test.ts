// Every language has every text, and every text that the sources name exists.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const LOCALES = "public/_locales";

function messages(locale: string): Record<string, { message: string }> {
  return JSON.parse(readFileSync(join(LOCALES, locale, "messages.json"), "utf8"));
}

function sources(): string {
  const names = readdirSync("src", { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => /\.(ts|html)$/.test(name));
  const config = readFileSync("wxt.config.ts", "utf8");
  return [config, ...files.map((name) => readFileSync(join("src", name), "utf8"))].join("\n");
}

const english = messages("en");

test.each(readdirSync(LOCALES))("%s has the keys of English, none of them empty", (locale) => {
  const translated = messages(locale);
  expect(Object.keys(translated).toSorted()).toEqual(Object.keys(english).toSorted());
  for (const [key, { message }] of Object.entries(translated)) {
    expect(message.trim(), key).not.toBe("");
    expect(message.match(/\$\d/g)?.toSorted(), key).toEqual(
      english[key]?.message.match(/\$\d/g)?.toSorted(),
    );
  }
});

test("the sources use each text, and no other", () => {
  const patterns = [
    /\btext\(\s*"(\w+)"/g,
    /data-text="(\w+)"/g,
    /\bkey: "(\w+)"/g,
    /__MSG_(\w+?)__/g,
  ];
  const used = patterns.flatMap((pattern) =>
    [...sources().matchAll(pattern)].map((match) => match[1] ?? ""),
  );
  expect([...new Set(used)].toSorted()).toEqual(Object.keys(english).toSorted());
});
