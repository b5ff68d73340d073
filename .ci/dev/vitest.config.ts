// How .ci/walkthrough.py runs the tests of this folder, from a copy of it in a generated extension.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/mistakes/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
