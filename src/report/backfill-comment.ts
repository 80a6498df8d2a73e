import {
  type BackfillRun,
  type BackfillRunState,
  type LeftOutKey,
  secondsLeft,
  shareDone,
  verificationText,
} from "../model/backfill-run.ts";
import { code, codeCell, plain } from "./escape.ts";

type Shown = Pick<
  BackfillRun,
  | "name"
  | "workspace"
  | "table"
  | "state"
  | "reason"
  | "throttle"
  | "done"
  | "total"
  | "dead"
  | "leftOut"
  | "verification"
>;

/**
 * The sticky comment on a pull request's backfills; null where it has none. It says tenths of the way, so that it is
 * edited a dozen times and not with every batch.
 */
export const backfillComment = (rows: readonly Shown[]): string | null => {
  if (rows.length === 0) return null;
  return [
    `## ${titleOf(rows)}`,
    "",
    "| backfill | table | state | done |",
    "|---|---|---|---|",
    ...rows.map(
      (row) => `| ${codeCell(row.name)} | ${codeCell(row.table)} | ${row.state} | ${tenths(row)} |`,
    ),
    "",
    ...rows.flatMap(noteLines),
    ...rows.flatMap(({ name, dead, leftOut }) => leftOutLines(name, dead, leftOut)),
  ]
    .join("\n")
    .trimEnd();
};

const titleOf = (rows: readonly Shown[]): string => {
  const open = rows.filter(({ state }) => state !== "done");
  return open.length === 0 ? "Backfills done" : `${open.length} of ${rows.length} backfills not done`;
};

const tenths = (row: Shown): string => {
  const share = shareDone(row);
  return share === null ? "?" : `${Math.floor(share * 10) * 10} %`;
};

const WAYS: Readonly<Partial<Record<BackfillRunState, string>>> = {
  running: "`plumbline backfill pause` holds it at the next batch.",
  paused: "`plumbline backfill resume` goes on behind the last batch.",
  stopped: "`plumbline backfill resume` goes on, `plumbline backfill retry` tries left-out keys again.",
};

/** Why it waits, without what is measured anew at every look. */
export const steadyThrottle = (throttle: string): string =>
  throttle.replaceAll(/\d+(\.\d+)?(?= (s behind|other sessions)\b)/g, "…");

const noteLines = (row: Shown): readonly string[] => {
  const { name, state, reason, throttle } = row;
  const waits = throttle === null ? null : `waits: ${steadyThrottle(throttle)}`;
  const why = reason ?? waits ?? (state === "done" ? verificationText(row) : null);
  const way = WAYS[state];
  if (why === null && way === undefined) return [];
  return [`- ${code(name)}${why === null ? "" : `: ${plain(why)}.`}${way === undefined ? "" : ` ${way}`}`];
};

const MOST_KEYS = 10;

const leftOutLines = (name: string, dead: number, leftOut: readonly LeftOutKey[]): readonly string[] =>
  dead === 0
    ? []
    : [
        "",
        `**${dead} keys of ${code(name)} were left out:**`,
        "",
        ...leftOut
          .slice(0, MOST_KEYS)
          .map(({ key, why, sqlState }) => `- ${code(key)}: ${why} (${sqlState})`),
        ...(dead > MOST_KEYS ? [`- and ${dead - Math.min(MOST_KEYS, leftOut.length)} more`] : []),
      ];

/** The answer to `backfill status`: everything, as of now. */
export const backfillLines = (row: BackfillRun): readonly string[] => {
  const { name, workspace, state, reason, throttle, done, total, dead, rate, lag, active } = row;
  const left = secondsLeft(row);
  const verified = verificationText(row);
  const facts = [
    `${done}${total === null ? "" : ` of about ${Math.max(total, done)}`} keys`,
    ...(rate === null ? [] : [`${Math.round(rate)} a second`]),
    ...(left === null ? [] : [`about ${Math.ceil(left / 60)} min left`]),
    ...(lag === null ? [] : [`replicas ${lag.toFixed(1)} s behind`]),
    ...(active === null ? [] : [`${active} other sessions active`]),
    ...(dead === 0 ? [] : [`${dead} keys left out`]),
    ...(verified === null ? [] : [verified]),
    ...(throttle === null ? [] : [`waits: ${plain(throttle)}`]),
  ];
  return [
    `- ${code(name)} of ${code(workspace)}: **${state}**${reason === null ? "" : ` (${plain(reason)})`}, ${facts.join(", ")}`,
    ...row.leftOut
      .slice(0, MOST_KEYS)
      .map(({ key, why, sqlState }) => `  - ${code(key)}: ${why} (${sqlState})`),
  ];
};
