// Four kinds of tests: of modules, of the built extension, of `npm run dev`, of the extension in real browsers.
import { defineConfig } from "vitest/config";
import { WxtVitest } from "wxt/testing/vitest-plugin";

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [WxtVitest()],
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          setupFiles: ["tests/unit/setup.ts"],
        },
      },
      {
        test: { name: "built", include: ["tests/built/**/*.test.ts"] },
      },
      ...["dev", "e2e"].map((name) => ({
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
});
