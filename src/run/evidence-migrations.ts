import type { Evidence } from "../config/evidence-schema.ts";
import type {
  BegunMigration,
  JudgedMigration,
  MigratedScript,
  MigrationSummary,
  RanStatement,
} from "../model/migration.ts";
import type { RehearsedMigration, RehearsedStatement } from "../model/rehearsal.ts";
import type { Run } from "../model/run.ts";
import type { Applied } from "./applied.ts";
import { elsewhere, reviewedRehearsal } from "./migration-past.ts";
import type { World } from "./world.ts";

type Ran = NonNullable<Evidence["migrations"]>[number];

/** Which database a plan was made for, without how one connects to it, who ran it, and what that did to its server. */
export const databaseOf = (
  { target, history, tool, toolVersion }: MigrationSummary,
  { load, ranBy }: Pick<Applied, "load" | "ranBy"> = {},
): Evidence["database"] => ({
  ...{ place: target.place, serverVersion: target.version, user: target.user },
  ...{ history: history.table, tool, toolVersion },
  ...(load ? { load } : {}),
  ...(ranBy === undefined ? {} : { ranBy }),
});

/** What became of each migration of a plan, beside its rehearsal and its past. */
export const migrationsOf = async (
  world: Pick<World, "ledger">,
  run: Run,
  { migrations, begun = [] }: MigrationSummary,
  migrated: readonly MigratedScript[] = [],
): Promise<readonly Ran[]> => {
  const rehearsal = await reviewedRehearsal(world, run);
  const planned = await Promise.all(
    [...begun.map(begunOf), ...migrations.map(plannedOf)].map(async (one): Promise<Ran> => {
      const past = await elsewhere(world, run, one);
      const rehearsed = rehearsal?.current.migrations.find(({ script }) => script === one.script);
      const { ran, held } = migrated.find(({ script }) => script === one.script) ?? {};
      return {
        ...one,
        ran: ran ? ran.map(ranOf) : null,
        ...(held ? { held: [...held] } : {}),
        rehearsed: rehearsed ? rehearsedOf(rehearsed) : null,
        past: past.map(({ workspace, milliseconds, at }) => ({
          workspace,
          milliseconds,
          at: at.toISOString(),
        })),
      };
    }),
  );
  return migrationsNow(world, run, planned);
};

/** The same as the ledger has it by now. */
export const migrationsNow = async (
  { ledger }: Pick<World, "ledger">,
  { id }: Pick<Run, "id">,
  planned: readonly Ran[],
): Promise<Ran[]> => {
  const runs = new Set([id, ...planned.flatMap(({ run = id }) => run)]);
  const rows = await Promise.all([...runs].map((run) => ledger.migrations.of(run)));
  const steps = rows.flat().filter(({ statement }) => statement === 0);
  return planned.map((one) => {
    const { run = id } = one;
    const step = steps.find((row) => row.run === run && row.script === one.script);
    if (!step) return one;
    const { state, milliseconds, attempt } = step;
    return { ...one, state, milliseconds, retries: attempt - 1 };
  });
};

const ranOf = ({ line, milliseconds, rows, waits }: RanStatement): NonNullable<Ran["ran"]>[number] => ({
  ...{ line, milliseconds, rows },
  ...(waits ? { waits: [...waits] } : {}),
});

/** What an earlier run did stands there with its name. */
const begunOf = ({ run, milliseconds, retries, ...one }: BegunMigration): Planned => ({
  ...{ ...plannedOf(one), state: "applied", milliseconds, retries, run },
});

type Planned = Omit<Ran, "ran" | "rehearsed" | "past">;

const plannedOf = (one: JudgedMigration): Planned => ({
  ...{ script: one.script, version: one.version, checksum: one.checksum, sha256: one.sha256 },
  ...{ class: one.class, transactional: one.transactional, statements: one.statements },
  ...{ state: "planned", milliseconds: null, retries: 0 },
});

const rehearsedOf = ({ milliseconds, statements }: RehearsedMigration): Ran["rehearsed"] => ({
  milliseconds: Math.round(milliseconds),
  rows: statements.some(({ rows }) => rows === null)
    ? null
    : statements.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
  locks: locksOf(statements),
  rewrites: [...new Set(statements.flatMap(({ rewrites }) => rewrites))],
});

/** Each table's locks once, with the longest time. */
const locksOf = (statements: readonly RehearsedStatement[]): NonNullable<Ran["rehearsed"]>["locks"] => {
  const locks = new Map<string, NonNullable<Ran["rehearsed"]>["locks"][number]>();
  for (const { relation, mode, milliseconds } of statements.flatMap((one) => one.locks ?? [])) {
    const key = `${relation} ${mode}`;
    const longest = Math.max(Math.round(milliseconds), locks.get(key)?.milliseconds ?? 0);
    locks.set(key, { relation, mode, milliseconds: longest });
  }
  return [...locks.values()];
};
