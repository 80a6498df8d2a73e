import { defineConfig } from "vitest/config";

/** Several replicas as processes of their own, on a PostgreSQL server and an S3 server that the tests start. */
export default defineConfig({
  test: {
    include: ["test/scale/**/*.test.ts", "test/adapters/{ledger,jobs,artifacts-s3,database}.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    env: { PLUMBLINE_TEST: "1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
  },
});
