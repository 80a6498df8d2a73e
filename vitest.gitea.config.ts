import { defineConfig } from "vitest/config";

/** Against a real Gitea, which is built when it is not cached: minutes the first time. */
export default defineConfig({
  test: {
    include: ["test/gitea/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 20 * 60_000,
    fileParallelism: false,
    env: { PLUMBLINE_TEST: "1" },
  },
});
