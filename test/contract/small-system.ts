import { sql } from "kysely";
import type { Database } from "../../src/adapters/database.ts";
import { createJobs } from "../../src/adapters/jobs.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { Artifacts } from "../../src/ports/artifacts.ts";
import { createHandClock } from "./hand-clock.ts";
import { quiet } from "./jobs.ts";

const pull = { repo: "acme/infra", number: 7 };
export const WORKSPACE = "acme/infra//prod#default";
const OTHER = "acme/infra//stage#default";
const at = new Date("2026-07-03T10:00:00.123Z");
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/**
 * Records as a service leaves them that was killed at work: a row in every table, one plan that ran and one apply that
 * had begun, artifacts of every kind. Returns the ids of the two runs.
 */
export const fillSystem = async (
  database: Database,
  artifacts: Artifacts,
): Promise<{ plan: string; apply: string }> => {
  const ledger = createLedger(database);
  await ledger.transaction(async (inside) => {
    for (const key of [WORKSPACE, OTHER]) {
      const dir = key === WORKSPACE ? "prod" : "stage";
      const desired = { repo: pull.repo, dir, branch: "main" };
      await inside.workspaces.upsert({
        ...{ key, repo: pull.repo, dir, name: "default", project: null, kind: "terraform" as const },
        refs: { desired, recorded: { backend: "s3" }, actual: { provider: "aws" } } as never,
        config: { nul: "\u0000 and \\u0000", big: "12345678901234567890", quotes: 'it\'s "so"\n' },
      });
    }
    await inside.workspaces.freeze(OTHER, "state-unsaved", at, { key: "runs/x", sha256: "0", bytes: 1 });
    await inside.workspaces.accept({
      ...{
        workspace: WORKSPACE,
        commit: "c",
        lockFileHash: null,
        inputTreeHash: "t",
        lineage: "l",
        serial: 3,
      },
      ...{ values: { "a.b": { x: "h" } }, acceptedAt: at },
    } as never);
    const run = { pull, head: "h", base: "b", trigger: "event", requestedBy: "dana", createdAt: at };
    await inside.runs.create({ ...run, id: "run_plan", workspace: OTHER, kind: "plan" });
    await inside.runs.create({ ...run, id: "run_apply", workspace: WORKSPACE, kind: "apply" });
    await inside.runs.step({ run: "run_apply", name: "apply", startedAt: at, endedAt: null, ok: null });
  });
  for (const [id, workspace] of [
    ["run_plan", OTHER],
    ["run_apply", WORKSPACE],
  ] as const) {
    const lease = await ledger.leases.acquire(workspace, id, "another process", at, 60_000);
    if ("heldBy" in lease) throw new Error("the workspace is busy");
    const { token } = lease;
    await ledger.runs.transition(id, { from: ["queued"], to: "running", token, at });
    if (id === "run_apply")
      await ledger.runs.transition(id, { from: ["running"], to: "apply-started", token, at });
  }
  const planArtifact = await artifacts.put("runs/run_apply/plan", text("a plan"));
  const jsonArtifact = await artifacts.put("runs/run_apply/plan.json", new Uint8Array(300_000).fill(7));
  await artifacts.put("evidence/run_0.json", text("{}"));
  await artifacts.put("runs/strange ü#~/log.txt", new Uint8Array());
  await ledger.plans.add({
    ...{
      run: "run_apply",
      workspace: WORKSPACE,
      pull,
      head: "h",
      base: "b",
      digest: "pd1:aa",
      digestParts: {},
    },
    ...{ summary: { text: "ü 💾" }, planArtifact, jsonArtifact, createdAt: at },
  });
  await ledger.locks.request(WORKSPACE, pull, "dana", at);
  await ledger.locks.request(WORKSPACE, { ...pull, number: 8 }, "lee", at);
  await ledger.approvals.add({
    ...{ pull, workspace: null, kind: "approve", by: "lee", head: "h", digest: "pd1:aa", paths: [], at },
  });
  const finding = { address: "a.b", path: "x", cause: "console" as const, sensitive: false };
  await ledger.findings.record(
    WORKSPACE,
    [{ ...finding, recorded: 1, actual: null, desired: "1e400", fingerprint: "f" }],
    at,
  );
  await ledger.findings.end(WORKSPACE, ["f"], "reverted", at);
  await ledger.deliveries.remember("delivery-1", at);
  await ledger.outbox.add([{ job: { kind: "sweep" }, dedupeKey: "sweep" }], at);
  await ledger.audit.append({ at, actor: "lee", action: "approve", subject: WORKSPACE, details: { n: 1 } });
  await ledger.audit.append({ at, actor: "dana", action: "applied", subject: WORKSPACE, details: null });
  await ledger.pulls.put({
    ...{ pull, head: "h", state: "open", deployBranch: true, driftOf: null, commentIds: { sticky: 1 } },
    ...{ publishedHash: null, notes: ["a note"], updatedAt: at },
  });
  await ledger.meta.set("cursor", { page: 3 });
  await ledger.meta.set("freeze", [
    { target: WORKSPACE, by: "lee", reason: "incident", since: at.toISOString() },
  ]);
  await ledger.replicas.beat({ id: "replica-1", roles: ["web", "worker"], version: "0.0.0" }, at);
  await ledger.forgeBudget.pause("github", 30_000, 600, at);
  await ledger.mergeGroups.add({ repo: pull.repo, head: "m", base: "b", pulls: [7] }, at);
  await ledger.requests.begin("key-1", "fingerprint", at, at);
  await ledger.requests.finish("key-1", 200, { answer: "queued" });
  for (const statement of [
    "insert into alerts values ('f@1', 'f', 'w', '{}', '2026-07-03 10:00Z', null)",
    "insert into alert_threads values ('chat', 'f@1', '{}', '2026-07-03 10:00Z', null)",
    "insert into alert_channels values ('chat', '2026-07-03 10:00Z', 'no answer', null, 2)",
    "insert into migration_steps values ('run_apply', 'V1__a.sql', 0, 'acme/x//db#default', '1', '7', 'verified', 1, true, 1, null, 12, null, null, now())",
    "insert into backfills (workspace, name, run, \"commit\", path, checksum, \"table\", class, state, token, done, changed, dead, left_out, requested_by, created_at, updated_at) values ('acme/x//db#default', 'region', 'run_apply', 'c', 'db/region.yaml', 's', 'customer', 'R2', 'running', 1, 1000, 990, 1, '[]', 'dana', now(), now())",
    "insert into run_log_parts values ('run_apply', 0, 6, 'a line')",
  ])
    await sql.raw(statement).execute(database.kysely);
  const jobs = createJobs(database, { clock: createHandClock(), log: quiet });
  await jobs.enqueue([{ job: { kind: "plan", workspace: OTHER, run: "run_plan" } }]);
  await jobs.close();
  // Finer than a JavaScript date, as other writers may leave it.
  await sql`update deliveries set seen_at = '2026-07-03 10:00:00.123456+02'`.execute(database.kysely);
  return { plan: "run_plan", apply: "run_apply" };
};

/** Every row of every table as text, sorted; what one system must have for being the same as another. */
export const allRows = async ({ kysely }: Database): Promise<Record<string, readonly string[]>> => {
  const tables = await kysely.introspection.getTables();
  const rows: Record<string, readonly string[]> = {};
  for (const { name } of tables.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (name.startsWith("schema_migrations")) continue;
    const found = await sql<{ row: string }>`select one::text as row from ${sql.table(name)} as one`.execute(
      kysely,
    );
    rows[name] = found.rows.map(({ row }) => row).sort();
  }
  return rows;
};
