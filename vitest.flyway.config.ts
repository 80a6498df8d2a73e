import { defineConfig } from "vitest/config";

/** Against the real Flyway and Liquibase, which Maven brings when they are not cached: minutes the first time. */
export default defineConfig({
  test: {
    include: ["test/flyway/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 10 * 60_000,
    fileParallelism: false,
    env: { PLUMBLINE_TEST: "1" },
  },
});
