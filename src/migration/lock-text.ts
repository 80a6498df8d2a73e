import type { HeldLock, LockWait, MigrationLoad, ServerLoad } from "../model/migration-load.ts";

/** `AccessExclusiveLock` of `pg_locks` as SQL writes it: `ACCESS EXCLUSIVE`. */
export const lockName = (mode: string): string =>
  mode
    .replace(/Lock$/, "")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();

/** One wait for a person: what for, how long, behind whom. */
export const waitText = ({ relation, mode, milliseconds, blockers }: LockWait): string =>
  `waited ${milliseconds} ms for ${mode} on ${relation}, behind ${blockers === 1 ? "one session" : `${blockers} sessions`}`;

/** What was held, beside what the rehearsal had of the same table; null where that had none. */
export const heldText = (
  { relation, mode, milliseconds }: HeldLock,
  rehearsed: { readonly mode: string; readonly milliseconds: number } | null,
): string => {
  const beside = rehearsed === null ? "" : ` (rehearsed: ${rehearsed.mode} for ${rehearsed.milliseconds} ms)`;
  return `held ${mode} on ${relation} for about ${milliseconds} ms${beside}`;
};

/** How much there is to lose before a run, and what it cost behind it. */
export const loadText = ({ bytes, lag, replicas, connections, connectionsAllowed }: ServerLoad): string =>
  [
    `database ${bytes === null ? "of unknown size" : megabytes(bytes)}`,
    lag === null || replicas === null
      ? "how far replicas are may not be seen"
      : replicas === 0
        ? "no replica"
        : `${replicas === 1 ? "one replica" : `${replicas} replicas`}, ${lag.toFixed(1)} s behind at most`,
    ...(connections === null ? [] : [`${connections} of ${connectionsAllowed} connections`]),
  ].join("; ");

export const runLoadLines = ({
  before,
  after,
  walBytes,
  worstLag,
  note,
}: MigrationLoad): readonly string[] => [
  ...(before === null ? [] : [`before: ${loadText(before)}`]),
  ...(after === null ? [] : [`after: ${loadText(after)}`]),
  ...(walBytes === null ? [] : [`WAL that the server wrote meanwhile: ${megabytes(walBytes)}`]),
  ...(worstLag === null || worstLag === 0 ? [] : [`a replica was ${worstLag.toFixed(1)} s behind meanwhile`]),
  ...(note === null ? [] : [note]),
];

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`;
