import { z } from "zod";
import { liveTable, migratedDatabase, ranMigration } from "./evidence-migrations-schema.ts";
import { changeClass } from "./leaf-rules.ts";

const text = z.string();
const orNull = <T extends z.ZodType>(inner: T) => inner.nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** As `Date.toISOString` writes it. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const state = z
  .strictObject({
    lineage: text,
    serial: z.int(),
    format: orNull(z.int()).describe("Version of the state's own format, as the engine wrote it."),
    schemaVersion: orNull(text).describe("Of a database alone: the newest migration in its history."),
  })
  .nullable();

const policyMessage = z.strictObject({ set: text, policy: text, message: text });

const backup = z.strictObject({
  id: orNull(text),
  takenAt: orNull(time),
  restoreTest: z.strictObject({ id: orNull(text), at: orNull(time), passed: orNull(z.boolean()) }),
  rto: orNull(text),
  rpo: orNull(text),
  owner: orNull(text),
  restoreRealistic: orNull(z.boolean()),
  decision: orNull(text),
});

const migration = z.strictObject({
  tool: orNull(text),
  toolVersion: orNull(text).describe(
    "As the author says; what ran here itself stands under executor.engine.",
  ),
  versions: z.array(text).describe("Names of the migrations in SQL that the pull request brings."),
  plan: orNull(text),
  estimatedRuntime: orNull(text),
  lockRisk: orNull(text),
  backfillStrategy: orNull(text),
});

const health = z.strictObject({
  healthy: orNull(z.boolean()).describe("Null where it could not be told."),
  metrics: z.record(text, z.number()),
  missing: z.array(text).describe("Metrics that the author asked for and nobody told."),
  problem: orNull(text),
});

const tableStats = z.strictObject({
  rows: orNull(z.number()),
  sizeGb: orNull(z.number()),
  criticality: orNull(text),
  classification: orNull(text),
  live: liveTable.optional().describe("Of tables that migrations of SQL touch."),
});

const known = z.strictObject({
  resources: z.array(text),
  workspaces: z.array(text),
  database: orNull(text),
  engine: orNull(text),
  region: orNull(text),
  schemaVersion: text.optional(),
  environment: orNull(text),
  serviceOwner: orNull(text),
  criticality: orNull(text),
  dataClassification: orNull(text),
  tables: z.record(text, tableStats),
  bucket: orNull(z.strictObject({ objects: orNull(z.number()), sizeGb: orNull(z.number()) })),
  sizeGb: orNull(z.number()),
  restoreTest: z.strictObject({
    latestSuccess: orNull(time),
    durationMs: orNull(z.number()),
    sizeGb: orNull(z.number()),
  }),
  observedAt: orNull(time),
  source: text,
});

/** What an apply leaves behind, for whoever asks later; its SHA-256 stands in the hash-chained audit. */
export const evidenceSchema = z
  .strictObject({
    version: z.literal(5),
    changeId: text.describe("The author's change id, else the pull request or the run."),
    run: text,
    workspace: text,
    pull: orNull(text).describe("OWNER/REPO#NUMBER."),
    outcome: z.enum(["applied", "failed", "nothing-to-do"]),
    commits: z.strictObject({ head: orNull(text), base: orNull(text), applied: text }),
    plan: z.strictObject({
      digest: text,
      sha256: sha256.describe("Of the plan's JSON as the engine wrote it."),
      inputs: text.describe("Hash of every file that the plan was made of."),
      lockFile: orNull(sha256),
    }),
    files: z
      .array(z.strictObject({ path: text, sha256 }))
      .describe(
        "Migrations and their metadata that the pull request brings, as they were when this was applied.",
      ),
    class: z.strictObject({ found: changeClass, claimed: orNull(changeClass), counted: changeClass }),
    changes: z
      .array(z.strictObject({ address: text, action: text, class: changeClass, reasons: z.array(text) }))
      .describe("What the plan changed, without values."),
    findings: z.array(z.strictObject({ place: text, class: changeClass, rule: text, message: text })),
    stateBefore: state,
    stateAfter: state,
    approvals: z.array(
      z.strictObject({
        by: text,
        kind: text,
        how: z.enum(["comment", "review"]),
        at: time,
        head: text,
        digest: orNull(text),
        counted: z.boolean(),
        why: orNull(text).describe("Why it did not count."),
        roles: z.array(text),
        reason: orNull(text).describe("Why a freeze was set aside, in that person's words."),
        places: orNull(z.array(text)).describe("Live changes that this person let be undone."),
      }),
    ),
    policies: orNull(
      z.strictObject({
        sets: orNull(z.array(text)).describe("Every policy set that was asked."),
        denied: z.array(policyMessage).describe("What owners of the set approved nevertheless."),
        warned: z.array(policyMessage),
        dryRun: z.array(policyMessage).describe("What sets on trial would have denied."),
        excepted: z.array(policyMessage.extend({ owner: text, reason: text, until: text })),
      }),
    ),
    systems: orNull(z.array(text)).describe("What the author says is changed."),
    context: orNull(z.array(known)).describe(
      "What was known of the changed resources beside the plan; empty where nothing was.",
    ),
    migration: orNull(migration).describe("Null where the pull request brings none."),
    database: orNull(migratedDatabase).describe("Null where no migrations of SQL were run here."),
    migrations: orNull(z.array(ranMigration)).describe("In the order in which they were to run."),
    compatibility: orNull(
      z.strictObject({ oldReadsNew: orNull(z.boolean()), newReadsOld: orNull(z.boolean()) }),
    ).describe(
      "Whether old and new version of the application work beside each other, by the author's word.",
    ),
    backup: orNull(backup),
    recovery: z.strictObject({
      rollbackBoundary: orNull(text),
      rollbackSafeUntil: orNull(time),
      crossed: orNull(z.boolean()).describe("Null where nobody said where the boundary is."),
      path: text.describe("Which way back there was."),
      by: orNull(z.enum(["author", "backup", "compatibility", "nobody"])).describe("Whose word that is."),
      codeBefore: orNull(text).describe("Commit whose code was applied here before."),
    }),
    executor: z.strictObject({
      requestedBy: text,
      identity: text.describe("Login under which the service acts on the forge."),
      instance: text,
      fencingToken: z.int(),
      plumbline: text,
      engine: text,
    }),
    times: z.strictObject({
      asked: time,
      started: orNull(time),
      ended: time,
      steps: z.array(
        z.strictObject({ name: text, startedAt: time, endedAt: orNull(time), ok: orNull(z.boolean()) }),
      ),
    }),
    verification: z.strictObject({
      planned: z.boolean().describe("A second plan could be made."),
      clean: z.boolean(),
      remaining: z.array(text),
      schemaCheck: orNull(z.enum(["passed", "failed", "unknown"])).describe(
        "Of a database: whether the live schema is what its files make.",
      ),
      schemaDigest: orNull(sha256).describe("Of the live schema as it was looked at afterwards."),
      health: orNull(health).describe("How the application fared afterwards; null where nobody was asked."),
    }),
  })
  .describe("Evidence of one apply.");

export type Evidence = z.infer<typeof evidenceSchema>;
