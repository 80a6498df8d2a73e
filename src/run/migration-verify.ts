import { createHash } from "node:crypto";
import { asPlumblineError } from "../model/errors.ts";
import { canonicalJson } from "../model/json.ts";
import type { MigrationStanding, SchemaDrift, SchemaSnapshot } from "../model/migration.ts";
import type { Applied } from "./applied.ts";
import type { StateVersion, Verified } from "./apply-outcome.ts";
import { enterVerifying } from "./apply-verify.ts";
import type { FoundDrift } from "./findings.ts";
import type { Scratch } from "./frame.ts";
import { findInSchema } from "./migration-findings.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import { makeMigrationPlan, type SavedMigrations } from "./migration-step.ts";
import { markScripts } from "./migration-steps.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** The history as evidence tells it: which one, how many entries, the newest version. */
export const historyState = ({ target, history }: MigrationStanding): StateVersion => ({
  lineage: `${target.place} ${history.table}`,
  serial: history.entries.at(-1)?.rank ?? 0,
  format: null,
  schemaVersion: history.version,
});

/** Looks at history and live schema again: nothing may be pending, and the schema must be what the files make. */
export const verifyMigrations = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  input: RunInput,
  { applied, saved }: { readonly applied: Applied; readonly saved: SavedMigrations },
): Promise<Verified> => {
  await enterVerifying(world, scratch, applied);
  const scripts = (applied.migrated ?? []).map(({ script }) => script);
  await markScripts(world, scratch.run.id, scripts, "verifying");
  const calm = scratch.heeding(world.interruptApplies);
  const verified = await lookAgain(world, calm, prepared, input);
  if (!verified.clean) return verified;
  await markScripts(world, scratch.run.id, scripts, "verified");
  for (const { run, script } of saved.migration.begun ?? [])
    await markScripts(world, run, [script], "verified");
  return verified;
};

/** What history and schema say now; a look that fails is told as what remains. */
export const lookAgain = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  input: RunInput,
): Promise<Verified> => {
  try {
    const saved = await makeMigrationPlan(world, scratch, prepared, input, { name: "verify" });
    const schema = await compareSchema(world, scratch, prepared);
    const { migrations, problems } = saved.migration;
    const remaining = [
      ...migrations.map(({ script }) => `run ${script}`),
      ...problems.map(({ message }) => message),
      ...(schema.unlike ?? []),
    ];
    const { drift, unlike, digest } = schema;
    return {
      ...{ clean: remaining.length === 0, remaining, saved, drift, state: historyState(saved.standing) },
      schemaCheck: unlike === null ? "unknown" : unlike.length === 0 ? "passed" : "failed",
      schemaDigest: digest,
    };
  } catch (failure) {
    scratch.log.line(`the database could not be looked at again: ${(failure as Error).message}`);
    const remaining = ["the look at the database failed; see the log"];
    return { clean: false, remaining, saved: null, drift: null, state: null };
  }
};

/** Null where it cannot be told, such as without the target's extensions. */
const compareSchema = async (
  world: World,
  { log, workspace }: Scratch,
  { runner, call }: PreparedMigrations,
): Promise<Compared> => {
  const found = await runner.drift(call).catch((thrown: unknown) => {
    log.line(`the live schema could not be compared: ${asPlumblineError(thrown).message}`);
    return null;
  });
  if (found === null) return { drift: null, unlike: null, digest: null };
  if (found.note !== null) log.line(found.note);
  const drift = await findInSchema(world, workspace, found);
  return { drift, unlike: unappliedIn(found), digest: digestOf(found.states.actual) };
};

interface Compared {
  readonly drift: FoundDrift | null;
  readonly unlike: readonly string[] | null;
  readonly digest: string | null;
}

const digestOf = (schema: SchemaSnapshot): string =>
  createHash("sha256")
    .update(canonicalJson(Object.fromEntries(schema)))
    .digest("hex");

/** What the files make and the database lacks although the history has it all; what a hand changed is drift. */
const unappliedIn = ({ findings }: SchemaDrift): readonly string[] =>
  findings
    .filter(({ cause }) => cause === "unapplied")
    .map(({ address }) => `not as its files say: ${address}`);
