import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/flyway/**", "test/gitea/**", "test/scale/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Tests that drive engines wait a good part of their time: three fill two cores.
    maxWorkers: 3,
    env: { PLUMBLINE_TEST: "1" },
  },
});
