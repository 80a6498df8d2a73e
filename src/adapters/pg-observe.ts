import { withoutPasswords } from "../migration/finding-of.ts";
import { lockName } from "../migration/lock-text.ts";
import type { Statement } from "../migration/script.ts";
import { controlsTransaction, refusesTransaction, transactionAfter } from "../migration/transactional.ts";
import type { RehearsedLock, RehearsedMigration } from "../model/rehearsal.ts";
import { SQL_LOCKS, type SqlLock } from "../model/sql-lint.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { StatementWatch } from "./flyway-statements.ts";
import { type Relation, relationsIn, relationsTouched, rowsCounted } from "./pg-observe-queries.ts";
import type { Target } from "./pg-session.ts";

export interface Observer {
  readonly watch: StatementWatch;
  /** What was seen so far of a script. */
  readonly seen: (path: string) => Pick<RehearsedMigration, "statements" | "transactional">;
}

/** Watches statements while they run: how long they take, what they lock, how many rows they change and rewrite. */
export const observerOf = (target: Target, history: HistoryPlace): Observer => {
  const seen = new Map<string, Observed[]>();
  const scene: Scene = {
    path: null,
    explicit: false,
    transaction: 0,
    relations: new Map(),
    ranks: new Map(),
    rows: null,
  };
  const watch: StatementWatch = async (statement, { path, transactional }, run) => {
    if (path !== scene.path) await enter(scene, target, path);
    const way = wayOf(statement, transactional || scene.explicit, target.version);
    if (way !== "open") nextTransaction(scene);
    if (way === "wrapped") await target.run("begin");
    if (way !== "alone") scene.rows ??= await rowsCounted(target, history);
    const began = performance.now();
    try {
      await run();
    } catch (thrown) {
      if (way === "wrapped") await target.run("rollback").catch(() => {});
      throw thrown;
    }
    const milliseconds = performance.now() - began;
    const told =
      way === "alone"
        ? await lookBack(statement, scene, target)
        : await look(statement, scene, target, history);
    seen.set(path, [
      ...(seen.get(path) ?? []),
      { statement, milliseconds, transaction: scene.transaction, whole: transactional, ...told },
    ]);
    if (way === "wrapped") await target.run("commit");
    if (!transactional) followControl(statement, scene);
  };
  return { watch, seen: (path) => readable(seen.get(path) ?? []) };
};

interface Observed {
  readonly statement: Statement;
  readonly milliseconds: number;
  readonly transaction: number;
  /** The transaction holds the whole script. */
  readonly whole: boolean;
  readonly rows: number | null;
  readonly locks: readonly Omit<RehearsedLock, "milliseconds">[] | null;
  readonly rewrites: readonly string[];
}

/** What was there before the statement that comes next. */
interface Scene {
  path: string | null;
  /** Between BEGIN and COMMIT of the file itself. */
  explicit: boolean;
  transaction: number;
  /** By object id; those that the script makes are not in it. */
  relations: Map<string, Relation>;
  /** Object id -> the strongest lock that the transaction holds; none: `SQL_LOCKS.length`. */
  ranks: Map<string, number>;
  /** The last reading; null before a transaction's first statement. */
  rows: number | null;
}

const enter = async (scene: Scene, target: Target, path: string): Promise<void> => {
  scene.path = path;
  scene.explicit = false;
  scene.relations = await relationsIn(target);
  nextTransaction(scene);
};

const nextTransaction = (scene: Scene): void => {
  scene.transaction += 1;
  scene.ranks = new Map();
  scene.rows = null;
};

/** In a transaction that is open, in one put around it to look into, or alone, where it bears none. */
const wayOf = ({ nodes }: Statement, open: boolean, version: number): "open" | "wrapped" | "alone" => {
  const ends = nodes.some(controlsTransaction);
  if (open && !ends) return "open";
  const bears = nodes.every(
    (node) => refusesTransaction(node, version) === null && !("CallStmt" in node) && !("DoStmt" in node),
  );
  return bears && !ends ? "wrapped" : "alone";
};

const followControl = ({ nodes }: Statement, scene: Scene): void => {
  for (const node of nodes) {
    if (!controlsTransaction(node)) continue;
    scene.explicit = transactionAfter(scene.explicit, node);
    nextTransaction(scene);
  }
};

type Told = Pick<Observed, "rows" | "locks" | "rewrites">;

const look = async (
  statement: Statement,
  scene: Scene,
  target: Target,
  history: HistoryPlace,
): Promise<Told> => {
  const touched = await relationsTouched(target, history);
  const locks = touched.flatMap(({ oid, modes }) => {
    const known = scene.relations.get(oid);
    const rank = Math.min(...modes.map(rankOf));
    const held = scene.ranks.get(oid) ?? SQL_LOCKS.length;
    scene.ranks.set(oid, Math.min(held, rank));
    const mode = SQL_LOCKS[rank];
    return known && mode && rank < held ? [{ relation: known.name, index: known.index, mode }] : [];
  });
  const now = new Map(touched.flatMap(({ oid, relation }) => (relation ? [[oid, relation]] : [])));
  const rows = await rowsCounted(target, history);
  // What is dropped is no longer counted.
  const changed = Math.max(0, rows - (scene.rows ?? rows));
  scene.rows = rows;
  return { rows: changed, locks: told(locks), rewrites: rewritten(statement, scene, now) };
};

/** `AccessExclusiveLock` -> 0; weak ones, which hold up nobody but DDL, stand behind all others. */
const rankOf = (mode: string): number => {
  const rank = SQL_LOCKS.indexOf(lockName(mode) as SqlLock);
  return rank === -1 ? SQL_LOCKS.length : rank;
};

// Whoever locks a table locks its indexes; they are named only where they stand for themselves.
const told = (
  locks: readonly { readonly relation: string; readonly index: boolean; readonly mode: SqlLock }[],
): Observed["locks"] => {
  const tables = locks.filter(({ index }) => !index);
  const kept = tables.length > 0 ? tables : locks;
  return kept
    .map(({ relation, mode }) => ({ relation, mode }))
    .toSorted(
      (a, b) => SQL_LOCKS.indexOf(a.mode) - SQL_LOCKS.indexOf(b.mode) || (a.relation < b.relation ? -1 : 1),
    );
};

const lookBack = async (statement: Statement, scene: Scene, target: Target): Promise<Told> => {
  const now = await relationsIn(target);
  return { rows: null, locks: null, rewrites: rewritten(statement, scene, now) };
};

// TRUNCATE gives a table a new file, too, but writes no row.
const rewritten = (
  { nodes }: Statement,
  scene: Scene,
  now: ReadonlyMap<string, Relation>,
): readonly string[] => {
  const moved = [...now].flatMap(([oid, { file }]) => {
    const known = scene.relations.get(oid);
    if (!known || known.file === file) return [];
    scene.relations.set(oid, { ...known, file });
    return [known];
  });
  if (nodes.some((node) => "TruncateStmt" in node)) return [];
  const tables = moved.filter(({ index }) => !index);
  return (tables.length > 0 ? tables : moved).map(({ name }) => name).toSorted();
};

const readable = (seen: readonly Observed[]): ReturnType<Observer["seen"]> => ({
  transactional: seen.every(({ whole }) => whole),
  statements: seen.map(({ statement, milliseconds, transaction, rows, locks, rewrites }, index) => {
    const held = seen
      .slice(index)
      .filter((later) => later.transaction === transaction)
      .reduce((sum, later) => sum + later.milliseconds, 0);
    return {
      line: statement.place.line,
      column: statement.place.column,
      statement: withoutPasswords(statement.text),
      milliseconds: rounded(milliseconds),
      rows,
      rewrites,
      locks: locks?.map((lock) => ({ ...lock, milliseconds: rounded(held) })) ?? null,
    };
  }),
});

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
