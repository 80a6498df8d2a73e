import type { GateReason } from "../model/decision.ts";
import type { Rehearsal, RehearsalGap, RehearsalRun } from "../model/rehearsal.ts";
import type { DataChange } from "../model/schema-context.ts";

export interface RehearsalFacts {
  /** Null: there was none. */
  readonly rehearsal: Rehearsal | null;
  /** Whether the workspace wants one; null may then not pass. */
  readonly required: boolean;
  readonly changes: readonly DataChange[];
  /** Larger changes want a copy of production's size. */
  readonly rowLimit: number;
}

/** What speaks against a run after its rehearsal, or for want of one. */
export const rehearsalGates = (facts: RehearsalFacts): readonly GateReason[] => {
  const { rehearsal, required } = facts;
  if (rehearsal === null) return [...(required ? [missing] : []), ...tooLarge(facts)];
  return [
    ...failed(rehearsal.current, "on the schema that the target has now"),
    ...failed(rehearsal.empty, "on an empty database"),
    ...unfinished(rehearsal),
    ...brokenWaysBack(rehearsal),
    ...failedBatches(rehearsal),
    ...tooLarge(facts),
  ];
};

/** A way back that fails is worse than none: somebody would count on it at night. What it leaves is told, and for people to judge. */
const brokenWaysBack = ({ compensations = [] }: Rehearsal): readonly GateReason[] =>
  compensations.flatMap(({ failure, after }) =>
    failure === null
      ? []
      : [
          {
            gate: "rehearsal-failed",
            message: `What would take a migration back fails${stateText(after)}: ${failure.script}:${failure.line}:${failure.column}: ${failure.message}`,
            wayOut:
              "Mend that file or delete it, and push. It runs in one transaction, from wherever its migration stopped: `IF EXISTS` lets it.",
          },
        ],
  );

const stateText = (after: number | null): string =>
  after === null ? "" : ` behind ${after} of its statements`;

const failedBatches = ({ backfills = [] }: Rehearsal): readonly GateReason[] =>
  backfills.flatMap(({ name, failure }) =>
    failure === null
      ? []
      : [
          {
            gate: "rehearsal-failed",
            message: `A batch of the backfill ${name} cannot run after these migrations: ${failure}`,
            wayOut: "Mend its file and push; it is rehearsed again by itself.",
          },
        ],
  );

const missing: GateReason = {
  gate: "rehearsal-missing",
  message: "These migrations were not rehearsed.",
  wayOut: "Plan again; `rehearsal.enabled: false` in the workspace's `database` does without.",
};

const failed = ({ failure }: RehearsalRun, where: string): readonly GateReason[] =>
  failure === null
    ? []
    : [
        {
          gate: "rehearsal-failed",
          message: `The rehearsal ${where} stopped: ${failure.script}:${failure.line}:${failure.column}: ${failure.message}`,
          wayOut: "Mend the migration and push; it is rehearsed again by itself.",
        },
      ];

const unfinished = ({ again }: Rehearsal): readonly GateReason[] => {
  if (again === null) return [];
  const details = [
    ...again.pending.map((script) => `still pending: ${script}`),
    ...again.changes.map(({ what, address, text }) => `${what}: ${address} ${text}`.trim()),
    ...(again.failure ? [`failed: ${again.failure.script}: ${again.failure.message}`] : []),
  ];
  if (details.length === 0) return [];
  return [
    {
      gate: "rehearsal-unfinished",
      message: "After the rehearsed run a second one would still do something.",
      wayOut: "Make callbacks and repeatable migrations such that a run right after another changes nothing.",
      details,
    },
  ];
};

const tooLarge = ({ rehearsal, changes, rowLimit }: RehearsalFacts): readonly GateReason[] => {
  const large = changes.filter(({ rows }) => rows === null || rows > rowLimit);
  const unproven = large.filter((change) => !isProven(change, rehearsal));
  const seen = rehearsal?.copy === null ? manyRows(rehearsal, rowLimit) : [];
  const unseen = (rehearsal?.gaps ?? []).filter((gap) => gap.unseen).map(gapText);
  if (unproven.length + seen.length + unseen.length === 0) return [];
  return [
    {
      gate: "rehearsal-too-small",
      message: `A change of more than ${rowLimit.toLocaleString("en-US")} rows was not rehearsed on a copy of production's size.`,
      wayOut:
        "Let `rehearsal.url` name a copy of production with its history table; a change of many rows is best a backfill in batches, which is rehearsed there too.",
      details: [...unproven.map((change) => changeText(change, rehearsal)), ...seen, ...unseen],
    },
  ];
};

/** A copy tells how long a change takes where it holds at least this share of the live table's rows. */
const ENOUGH = 0.5;

const isProven = ({ file, counted, rows }: DataChange, rehearsal: Rehearsal | null): boolean => {
  if (!rehearsal?.copy || gapOf(file, rehearsal)) return false;
  if (counted === null) return true;
  const there = rehearsal.copy.rows[counted];
  return there !== undefined && rows !== null && there >= rows * ENOUGH;
};

const manyRows = ({ current }: Rehearsal, rowLimit: number): readonly string[] =>
  current.migrations.flatMap(({ script, statements }) =>
    statements
      .filter(({ rows }) => (rows ?? 0) > rowLimit)
      .map(
        ({ line, rows }) => `${script}:${line}: ${(rows ?? 0).toLocaleString("en-US")} rows in the rehearsal`,
      ),
  );

const gapOf = (file: string, rehearsal: Rehearsal | null): RehearsalGap | undefined =>
  rehearsal?.gaps?.find(({ script }) => script === file);

const gapText = ({ script, why }: RehearsalGap): string => `${script} ${why}; an unknown number of rows`;

const changeText = (
  { file, line, table, counted, rows }: DataChange,
  rehearsal: Rehearsal | null,
): string => {
  const many = rows === null ? "an unknown number of rows" : `up to ${rows.toLocaleString("en-US")} rows`;
  const there = counted === null ? undefined : rehearsal?.copy?.rows[counted];
  const held = there === undefined ? "" : `; the copy holds ${there.toLocaleString("en-US")} of ${counted}`;
  const gap = gapOf(file, rehearsal);
  return `${file}:${line}: ${table}, ${many}${held}${gap ? `; it ${gap.why}` : ""}`;
};
