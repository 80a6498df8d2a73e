import { executionOf } from "../migration/execution.ts";
import type { Changeset } from "../migration/liquibase-sql.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser } from "../migration/script.ts";
import type { DatabaseIdentity } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type {
  AppliedEntry,
  MigrationLook,
  MigrationStanding,
  MigrationStep,
  PendingMigration,
  StandingProblem,
} from "../model/migration.ts";
import type {
  MigrationCall,
  MigrationEngine,
  MigrationRehearsal,
  SchemaComparison,
  SchemaProposer,
} from "../ports/migrations.ts";
import { migrateByLiquibase } from "./liquibase-cli-run.ts";
import { allChangesets, pendingChangesets, reasonIn, runUpdate } from "./liquibase-command.ts";
import { driftOfChangelog } from "./liquibase-drift.ts";
import { readChangelogFiles } from "./liquibase-files.ts";
import { type LiquibaseHistory, readLiquibaseHistory } from "./liquibase-history.ts";
import { proposeChangesets, proposeDesiredChangesets } from "./liquibase-propose.ts";
import { rehearseChangelog } from "./liquibase-rehearsal.ts";
import { whyAlive, whyRunning } from "./migration-alive.ts";
import type { MigrationProgram } from "./migration-program.ts";
import { readSchemaContext } from "./pg-context.ts";
import { hidingRows, type Target, targetOf } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";
import { inSession } from "./pg-trouble.ts";
import { keptOf } from "./replay-kept.ts";

/** The team's own Liquibase behind the port. A changeset is what a file is to the others. */
export const liquibaseMigrations = (program: MigrationProgram, parse: SqlParser): MigrationEngine => {
  const plan = (call: MigrationCall, identity: DatabaseIdentity = "read_only") =>
    reading(call, identity, async (target, url) => {
      const history = await readLiquibaseHistory(target, call);
      const all = await allChangesets(program, call, target.version);
      const { changesets, refused, version } = await pendingChangesets(program, call, url);
      const files = await readChangelogFiles(call.dir);
      const standing: MigrationStanding = {
        tool: "liquibase",
        toolVersion: version,
        target: await targetOf(target),
        history: {
          table: `${history.schema}.${history.table}`,
          exists: history.exists,
          version: history.entries.at(-1)?.version ?? null,
          entries: history.entries,
        },
        pending: changesets.map((changeset) =>
          pendingOf(
            changeset,
            history,
            files.outside(changeset) === false ? isWhole(changeset, target.version, parse) : null,
          ),
        ),
        problems: problemsOf(all, history, refused === null ? null : program.redactor.redact(refused)),
      };
      return standing;
    });
  return {
    ...onScratch(program, parse),
    plan: (call) => plan(call),
    context: (call) => reading(call, "read_only", (target) => readSchemaContext(target, new Date())),
    migrate: (call, order) =>
      migrateByLiquibase(program, { plan: () => plan(call, "migration") }, call, order),
    look: (call, last) =>
      reading(call, "migration", async (target) => {
        const alive = await whyAlive("liquibase", call, target);
        return lookedAt(await readLiquibaseHistory(target, call), last, alive);
      }),
    working: (call) => whyRunning("liquibase", call),
    // There is no failed row; what a run that was killed leaves behind is the lock.
    repair: async (call, script) => {
      const { entries } = await reading(call, "migration", (target) => readLiquibaseHistory(target, call));
      refuseApplied(entries, script);
      const released = await runUpdate(program, call, await call.url("migration"), "release-locks");
      if (released.failed)
        throw new PlumblineError("sql-failed", program.redactor.redact(reasonIn(released)));
    },
    compensate: async (_, script) => {
      throw new PlumblineError("sql-invalid", `${script} is taken back by Liquibase's own rollback alone.`, {
        hint: "Write a changeset that takes back what was done, or run `liquibase rollback` by hand, then repair.",
      });
    },
  };
};

/** What works on databases that are thrown away; of the target it only reads. */
const onScratch = (
  program: MigrationProgram,
  parse: SqlParser,
): MigrationRehearsal & SchemaProposer & SchemaComparison => ({
  rehearse: (call, backfills) =>
    reading(call, "read_only", async (target, url) => {
      const options = await rehearsalOptions(call);
      return rehearseChangelog({ program, call, target, url }, { ...options, parse, backfills });
    }),
  propose: (call, wish) =>
    reading(call, "read_only", async (target) => {
      const { url: rehearsal } = await rehearsalOptions(call);
      return proposeChangesets({ program, call, parse, rehearsal }, target, wish);
    }),
  proposeDesired: async (call, desired, now) => {
    const { url: rehearsal } = await rehearsalOptions(call);
    return proposeDesiredChangesets({ program, call, parse, rehearsal }, desired, now);
  },
  drift: (call) =>
    reading(call, "read_only", async (target) => {
      const history = await readLiquibaseHistory(target, call);
      const all = await allChangesets(program, call, target.version);
      const { url: rehearsal } = await rehearsalOptions(call);
      return driftOfChangelog(target, { history, all }, { parse, rehearsal, ...keptOf(call) });
    }),
});

const rehearsalOptions = async (call: MigrationCall) => ({
  url: call.database.url.rehearsal === null ? null : await call.url("rehearsal"),
  timeoutSeconds: call.database.rehearsal.timeoutSeconds,
});

const reading = async <Result>(
  call: MigrationCall,
  identity: DatabaseIdentity,
  work: (target: Target, url: string) => Promise<Result>,
): Promise<Result> => {
  const url = await call.url(identity);
  return inSession(hidingRows(await openTarget(url)), async (target) => {
    await target.run("set default_transaction_read_only = on");
    return work(target, url);
  });
};

const pendingOf = (
  { id, script, file, checksum, description, sql }: Changeset,
  { entries }: LiquibaseHistory,
  transactional: boolean | null,
): PendingMigration => {
  const repeatable = entries.some((entry) => entry.script === script);
  return {
    version: repeatable ? null : id,
    description,
    script,
    file,
    checksum,
    repeatable,
    sql,
    transactional,
  };
};

// A changeset that ends transactions itself leaves what it did.
const isWhole = ({ sql }: Changeset, version: number, parse: SqlParser): boolean | null =>
  executionOf(parseScript(sql, parse), { version, asked: null, mixed: false }).way === "transaction" || null;

const problemsOf = (
  all: readonly Changeset[],
  { entries }: LiquibaseHistory,
  refused: string | null,
): readonly StandingProblem[] => {
  const known = new Map(all.map((changeset) => [changeset.script, changeset]));
  const missing = entries.filter(({ script }) => !known.has(script)).map(missingProblem);
  // A changed checksum may be allowed in the changelog; where it is not, Liquibase runs nothing.
  if (refused === null) return missing;
  const changed = entries.flatMap((entry) => changedProblems(entry, known.get(entry.script)));
  if (changed.length > 0) return [...changed, ...missing];
  return [
    {
      problem: "cannot-run",
      migration: "",
      message: `Liquibase runs nothing: ${refused}`,
      fix: "Mend the changelog; `liquibase update-sql` says the same.",
    },
    ...missing,
  ];
};

const missingProblem = ({ script, version }: AppliedEntry): StandingProblem => ({
  problem: "missing",
  migration: version ?? script,
  message: `${script} was applied, but is no longer in the changelog.`,
  fix: "Bring it back (git log shows it); the history cannot be explained without it.",
});

const changedProblems = (
  { script, version, checksum }: AppliedEntry,
  now: Changeset | undefined,
): readonly StandingProblem[] => {
  if (!now || checksum === null || now.checksum === "" || now.checksum === checksum) return [];
  // Another version of Liquibase counts in another way, which is no change.
  if (now.checksum.split(":")[0] !== checksum.split(":")[0]) return [];
  return [
    {
      problem: "checksum-changed",
      migration: version ?? script,
      message: `${script} changed after it was applied: its checksum is ${now.checksum}, the history has ${checksum}.`,
      fix: "Put it back as it was when it was applied (git log shows it), and make the change in a new changeset.",
    },
  ];
};

const lookedAt = (
  { entries, locked }: LiquibaseHistory,
  last: Omit<MigrationStep, "milliseconds">,
  alive: string | null,
): MigrationLook => {
  const entry = entries.find(({ script }) => script === last.script) ?? null;
  const told = { running: locked || alive !== null, entry, statements: [] };
  if (entry?.success === true && entry.checksum === last.checksum)
    return { ...told, state: "applied", why: "The history has it as done." };
  if (alive !== null) return { ...told, state: "unknown", why: alive };
  if (locked)
    return {
      ...told,
      state: "unknown",
      why: "Liquibase's lock is held: it still works, or died with it (liquibase release-locks).",
    };
  if (last.transactional === true)
    return {
      ...told,
      state: "failed-clean",
      why: "It runs in one transaction, Liquibase and its sessions are gone, nobody holds its lock and the history has no row of it.",
    };
  return {
    ...told,
    state: "unknown",
    why: "It may have run without a transaction, and Liquibase does not tell which of its statements were done.",
  };
};

const refuseApplied = (entries: readonly AppliedEntry[], script: string): void => {
  if (entries.some((entry) => entry.script === script && entry.success))
    throw new PlumblineError("sql-invalid", `The history has ${script} as applied.`);
};
