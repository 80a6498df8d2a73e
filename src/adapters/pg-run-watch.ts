import { setTimeout } from "node:timers/promises";
import { waitText } from "../migration/lock-text.ts";
import type { HeldLock, LockWait, MigrationLoad, ServerLoad } from "../model/migration-load.ts";
import { SQL_LOCKS, type SqlLock } from "../model/sql-lint.ts";
import type { StatementWatch } from "./flyway-statements.ts";
import { type LocksNow, locksOf, serverLoad, walSince, whereabouts } from "./pg-run-queries.ts";
import type { Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";

/** A run of migrations as a second session sees it. It never fails, and never holds the run up. */
export interface RunWatch {
  readonly around: StatementWatch;
  /** Waits of each statement of a script that was sent, in their order; null where nobody looked. */
  readonly waits: (script: string) => readonly (readonly LockWait[])[] | null;
  readonly held: (script: string) => readonly HeldLock[];
  readonly stop: () => Promise<MigrationLoad>;
}

export interface Watched {
  readonly target: Target;
  readonly pid: number | null;
  /** Of the session that looks; null where the database has one session alone. */
  readonly url: (() => Promise<string>) | null;
  readonly onLine: (line: string) => void;
}

/** Shorter waits and holds are seen by chance. */
const LOOK_MS = 250;
/** Of these looks one asks how far replicas are. */
const LAG_EVERY = 8;
/** So long a run waits for the second session to be there: what was before it is told then. */
const PATIENCE_MS = 2_000;

/** So long its end waits for the second session. */
const END_MS = 5_000;

export const watchRun = async (watched: Watched): Promise<RunWatch> => {
  const seen: Seen = { now: null, statements: new Map(), held: new Map(), worstLag: null };
  // Asked before anything runs: later nothing but the run itself is sent in its session.
  const here = watched.url === null ? "" : await whereabouts(watched.target).catch(() => "");
  const looking = look({ ...watched, here }, seen, new AbortController());
  await Promise.race([looking.ready, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
  return {
    around: async (statement, { path }, run) => {
      const one: Statement = { script: path, line: statement.place.line, waits: new Map() };
      seen.statements.set(path, [...(seen.statements.get(path) ?? []), one]);
      seen.now = one;
      try {
        return await run();
      } finally {
        seen.now = null;
        for (const wait of one.waits.values()) watched.onLine(`${path} line ${one.line} ${waitText(wait)}`);
      }
    },
    waits: (script) =>
      looking.isThere() ? (seen.statements.get(script) ?? []).map(({ waits }) => [...waits.values()]) : null,
    held: (script) => [...(seen.held.get(script)?.values() ?? [])].map(heldOf),
    stop: looking.stop,
  };
};

interface Statement {
  readonly script: string;
  readonly line: number;
  /** By what makes two looks see the same wait. */
  readonly waits: Map<string, LockWait>;
}

interface Seen {
  /** The one under way. */
  now: Statement | null;
  readonly statements: Map<string, readonly Statement[]>;
  /** By script, then by table. */
  readonly held: Map<string, Map<string, Held>>;
  worstLag: number | null;
}

interface Held extends Omit<HeldLock, "milliseconds"> {
  readonly from: number;
  readonly to: number;
}

const heldOf = ({ relation, mode, from, to }: Held): HeldLock => {
  return { relation, mode, milliseconds: Math.round(to - from) };
};

interface Sampler {
  readonly session: Target;
  readonly before: ServerLoad;
  readonly wal: string | null;
  readonly who: string;
}

/** `here`: whereabouts of the session that works; empty where they are not known. */
type Placed = Watched & { readonly here: string };

const look = (watched: Placed, seen: Seen, stopped: AbortController) => {
  let sampler: Sampler | null = null;
  let note: string | null = null;
  const ready = begin(watched).then(
    (begun) => {
      sampler = begun;
    },
    (thrown: unknown) => {
      note = notSeen(thrown);
    },
  );
  const looks = ready.then(async () => {
    if (sampler && watched.pid !== null) await keepLooking(sampler, watched.pid, seen, stopped.signal);
  });
  const end = looks.then(() => (sampler === null ? { ...NOTHING, note } : ended(sampler, seen)));
  const stop = async (): Promise<MigrationLoad> => {
    stopped.abort();
    // A connection that hangs is nobody's to wait for: it closes by itself once it answers.
    const late = setTimeout(END_MS, { ...NOTHING, note: notSeen("no answer") }, { ref: false });
    return Promise.race([end, late]);
  };
  return { ready, stop, isThere: () => sampler !== null };
};

const NOTHING = { before: null, after: null, walBytes: null, worstLag: null } as const;

const notSeen = (thrown: unknown): string =>
  `lock waits, replicas and size were not measured: ${thrown instanceof Error ? thrown.message : String(thrown)}`;

const begin = async ({ here, url }: Placed): Promise<Sampler> => {
  if (url === null) throw new Error("this database has one session alone.");
  const session = await openTarget(await url());
  try {
    await session.run("set default_transaction_read_only = on");
    await session.run("set statement_timeout = '2s'");
    if ((await whereabouts(session)) !== here)
      throw new Error("read_only leads to another server or database than migration.");
    const { load, wal, who } = await serverLoad(session);
    return { session, before: load, wal, who };
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
};

/** A look that fails is left out: the run is nobody's to disturb. */
const keepLooking = async (
  { session }: Sampler,
  pid: number,
  seen: Seen,
  stopped: AbortSignal,
): Promise<void> => {
  for (let count = 1; !stopped.aborted; count += 1) {
    const at = seen.now;
    const now = at && (await locksOf(session, pid).catch(() => null));
    if (at && now) note(seen, at, now);
    if (count % LAG_EVERY === 0) {
      const lag = (await serverLoad(session).catch(() => null))?.load.lag ?? null;
      if (lag !== null) seen.worstLag = Math.max(lag, seen.worstLag ?? 0);
    }
    await setTimeout(LOOK_MS, undefined, { signal: stopped, ref: false }).catch(() => {});
  }
};

const note = (seen: Seen, at: Statement, { waits, held }: LocksNow): void => {
  const now = performance.now();
  for (const { since, ...wait } of waits) {
    const key = `${since ?? ""} ${wait.relation} ${wait.mode}`;
    const known = at.waits.get(key);
    // A server that does not tell when it began has waited for a look longer than before.
    const milliseconds = since === null ? (known?.milliseconds ?? 0) + LOOK_MS : wait.milliseconds;
    const blockers = Math.max(wait.blockers, known?.blockers ?? 0);
    at.waits.set(key, { ...wait, milliseconds, blockers });
  }
  const tables = seen.held.get(at.script) ?? new Map<string, Held>();
  seen.held.set(at.script, tables);
  for (const { relation, mode } of held) {
    const known = tables.get(relation);
    tables.set(relation, { relation, mode: stronger(mode, known?.mode), from: known?.from ?? now, to: now });
  }
};

const stronger = (mode: string, known: string | undefined): string =>
  known !== undefined && rankOf(known) <= rankOf(mode) ? known : mode;

const rankOf = (mode: string): number => {
  const rank = SQL_LOCKS.indexOf(mode as SqlLock);
  return rank === -1 ? SQL_LOCKS.length : rank;
};

const ended = async ({ session, before, wal, who }: Sampler, { worstLag }: Seen): Promise<MigrationLoad> => {
  try {
    const { load: after } = await serverLoad(session);
    const walBytes = wal === null ? null : await walSince(session, wal);
    const lags = [before.lag, worstLag, after.lag].filter((lag) => lag !== null);
    return {
      ...{ before, after, walBytes },
      worstLag: lags.length > 0 ? Math.max(...lags) : null,
      note: before.lag === null ? `GRANT pg_monitor TO ${who} lets replicas and connections be seen` : null,
    };
  } catch (thrown) {
    return { ...NOTHING, before, worstLag, note: notSeen(thrown) };
  } finally {
    await session.close();
  }
};
