import { executionOf } from "../migration/execution.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { Migration } from "../migration/resolve.ts";
import type { SqlParser } from "../migration/script.ts";
import { refusedProblems } from "../migration/standing-problems.ts";
import type { DatabaseIdentity } from "../model/database.ts";
import type { MigrationStanding, PendingMigration, StandingProblem } from "../model/migration.ts";
import type { MigrationCall, MigrationEngine } from "../ports/migrations.ts";
import { lookAtMigration } from "./builtin-look.ts";
import { compensateMigration, repairMigration } from "./builtin-repair.ts";
import { runAsOrdered } from "./builtin-run.ts";
import { proposeDesiredSchema } from "./desired-schema.ts";
import { driftOfFolder } from "./flyway-drift.ts";
import { type FolderAsk, type MigrationFolder, readFolder } from "./flyway-folder.ts";
import { entryOf } from "./flyway-history.ts";
import { proposeForFolder } from "./flyway-propose.ts";
import { rehearseFolder } from "./flyway-rehearsal.ts";
import { readSchemaContext } from "./pg-context.ts";
import { lackingRights } from "./pg-rights.ts";
import { hidingRows, type Target, targetOf } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";
import { inSession } from "./pg-trouble.ts";
import { keptOf } from "./replay-kept.ts";

/** Our own runner of Flyway's files, behind the port of the service. */
export const builtinMigrations = (parse: SqlParser): MigrationEngine => ({
  plan: async (call) => {
    const role = await migrationRole(call);
    return reading(call, "read_only", async (target, folder) => {
      const found = await standing(target, folder, parse);
      if (role === null) return found;
      const lacking = await lackingRights(target, folder.place, role, { pending: found.pending, parse });
      return { ...found, problems: [...found.problems, ...lacking] };
    });
  },
  drift: async (call) => {
    const rehearsal = await rehearsalUrl(call);
    return reading(call, "read_only", async (target, folder) => ({
      ...(await driftOfFolder(target, folder, { parse, rehearsal, ...keptOf(call) })),
      target: await targetOf(target),
      version: folder.standing.version,
    }));
  },
  propose: async (call, wish) => {
    const rehearsal = await rehearsalUrl(call);
    return reading(call, "read_only", (target, folder) =>
      proposeForFolder(target, folder, { ...wish, parse, rehearsal }),
    );
  },
  proposeDesired: async (call, desired, now) => {
    const rehearsal = await rehearsalUrl(call);
    const { dir, shown, database } = call;
    const [schema = "public"] = database.schemas;
    const { placeholders } = database;
    return proposeDesiredSchema({ dir, shown, name: desired, schema, placeholders, parse, rehearsal, now });
  },
  rehearse: async (call, backfills) => {
    const url = await rehearsalUrl(call);
    const { timeoutSeconds } = call.database.rehearsal;
    return reading(call, "read_only", (target, folder) =>
      rehearseFolder(target, folder, { parse, url, timeoutSeconds, backfills }),
    );
  },
  context: (call) => reading(call, "read_only", (target) => readSchemaContext(target, new Date())),
  // As the identity that ran it: other people's sessions are hidden from a plain reader.
  look: (call, last) =>
    reading(call, "migration", (target, folder) => lookAtMigration(target, folder, { parse, last })),
  migrate: (call, order) =>
    opened(call, "migration", (target, folder) =>
      runAsOrdered(target, folder, { ask: askOf(call), call, order, parse }),
    ),
  repair: (call, script, checksum) =>
    opened(call, "migration", (target, folder) => repairMigration(target, folder, script, checksum)),
  compensate: (call, script, checksum = null) =>
    opened(call, "migration", (target, folder) =>
      compensateMigration(target, folder, { ...timeoutsOf(call), script, checksum, parse }),
    ),
});

const rehearsalUrl = (call: MigrationCall): Promise<string> | null =>
  call.database.url.rehearsal === null ? null : call.url("rehearsal");

/** Who will run what is planned: the name in its URL and nothing else of it; null where it has none, or is not held yet. */
const migrationRole = async (call: MigrationCall): Promise<string | null> => {
  const url = await call.url("migration").catch(() => "");
  if (!/^postgres(ql)?:/.test(url) || !URL.canParse(url)) return null;
  const { username, searchParams } = new URL(url);
  return searchParams.has("options") ? null : decodeURIComponent(username) || null;
};

type Work<Result> = (target: Target, folder: MigrationFolder) => Promise<Result>;

const opened = async <Result>(
  call: MigrationCall,
  identity: DatabaseIdentity,
  work: Work<Result>,
  prepare?: (target: Target) => Promise<void>,
): Promise<Result> => {
  // Of its rows nothing gets into comments, pages, logs or evidence.
  return inSession(hidingRows(await openTarget(await call.url(identity))), async (target) => {
    await prepare?.(target);
    return work(target, await readFolder(target, askOf(call)));
  });
};

const reading = <Result>(call: MigrationCall, identity: DatabaseIdentity, work: Work<Result>) =>
  opened(call, identity, work, async (target) => {
    await target.run("set default_transaction_read_only = on");
  });

const timeoutsOf = ({ database: { lockTimeout, statementTimeout } }: MigrationCall) => ({
  lockTimeout,
  statementTimeout,
});

const askOf = ({ dir, shown, database }: MigrationCall): FolderAsk => ({
  dir,
  shown,
  schemas: database.schemas,
  table: database.historyTable,
  placeholders: database.placeholders,
  outOfOrder: database.outOfOrder,
  baselineVersion: database.baselineVersion,
});

const standing = async (
  target: Target,
  { place, history, standing, baseline, strays }: MigrationFolder,
  parse: SqlParser,
): Promise<MigrationStanding> => {
  const judged = standing.pending.map((migration) => pendingOf(migration, target.version, parse));
  return {
    tool: "builtin",
    toolVersion: null,
    target: await targetOf(target),
    history: {
      table: `${place.schema}.${place.table}`,
      exists: history !== null,
      version: standing.version ?? baseline,
      entries: (history ?? []).map(entryOf),
    },
    pending: judged.map(({ pending }) => pending),
    problems: [...standing.problems, ...judged.flatMap(({ refused }) => refused)],
    ...(strays.length > 0 ? { passedOver: strays } : {}),
  };
};

const pendingOf = (
  migration: Migration,
  version: number,
  parse: SqlParser,
): { readonly pending: PendingMigration; readonly refused: readonly StandingProblem[] } => {
  const { name, path, text, checksum, inTransaction: asked, strangeSetting: strange } = migration;
  const execution = executionOf(parseScript(text, parse), { version, asked, mixed: false, strange });
  const pending: PendingMigration = {
    version: name.version,
    description: name.description,
    script: path,
    file: path,
    checksum: String(checksum),
    repeatable: name.version === null,
    sql: text,
    transactional: execution.way === "refused" ? null : execution.way === "transaction",
  };
  return { pending, refused: refusedProblems(migration, execution) };
};
