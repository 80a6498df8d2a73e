import { expect, test } from "vitest";
import { withScratch } from "../../src/adapters/pg-scratch.ts";
import { openWorkerTarget, WORKER_LIMITS } from "../../src/adapters/pg-target-worker.ts";
import { PlumblineError } from "../../src/model/errors.ts";

test("a statement that never ends costs the scratch database, and nothing else stands still", async () => {
  let beats = 0;
  const heart = setInterval(() => {
    beats += 1;
  }, 20);
  try {
    await expect(
      withScratch(
        null,
        (scratch) => {
          beats = 0;
          return scratch.run("do $$ begin loop null; end loop; end $$");
        },
        { statementMs: 3_000 },
      ),
    ).rejects.toMatchObject({ code: "sql-failed", message: expect.stringContaining("3 seconds") });
  } finally {
    clearInterval(heart);
  }
  expect(beats).toBeGreaterThan(5);
});

test("rows in memory beyond the limit cost the scratch database, and what one statement needs is refused by it", async () => {
  const memoryBytes = 450 * 1024 ** 2;
  await withScratch(
    null,
    async (scratch) => {
      const hungry = "select length(string_agg(repeat('y', 1000), '')) from generate_series(1, 400000)";
      await expect(scratch.run(hungry)).rejects.toMatchObject({ code: "53200" });
      await scratch.run("create table t (a text)");
      const fill = "insert into t select repeat(md5(g::text), 30) from generate_series(1, 400000) g";
      await expect(scratch.run(fill)).rejects.toMatchObject({
        code: "sql-failed",
        message: expect.stringContaining("450 MB"),
      });
      await expect(scratch.run("select 1")).rejects.toMatchObject({ code: "database-unavailable" });
    },
    { memoryBytes },
  );
});

test("rows, errors with their place and copied rows come through as they are", async () => {
  await withScratch(null, async (scratch) => {
    await scratch.run("create table t (id int primary key, at timestamptz, n bigint)");
    await scratch.copy("copy t (id, n) from stdin", "1\t9007199254740993\n2\t\\N\n");
    expect(await scratch.query("select n::text as n from t where id = $1", [1])).toEqual([
      { n: "9007199254740993" },
    ]);
    await expect(scratch.run("selec 1")).rejects.toMatchObject({ code: "42601", position: "1" });
    await expect(scratch.query("insert into t values (1)")).rejects.toMatchObject({ code: "23505" });
  });
});

test("one that does not open is said so, and leaves no thread behind", async () => {
  const threads = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;
  const before = threads();
  await expect(openWorkerTarget("/dev/null/database", WORKER_LIMITS)).rejects.toThrow(PlumblineError);
  expect(threads()).toBe(before);
});
