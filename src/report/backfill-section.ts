import { shareText } from "../model/amount-text.ts";
import type { DayWindow } from "../model/backfill.ts";
import type { PlannedBackfill, RehearsedBackfill } from "../model/backfill-plan.ts";
import { code, codeCell, fenced, plain } from "./escape.ts";
import { type Block, text } from "./pack.ts";

/** What a plan would change in batches after its migrations: how much, how fast, and by which statement. */
export const plannedBackfillBlocks = (
  backfills: readonly PlannedBackfill[],
  rehearsed: readonly RehearsedBackfill[],
): readonly Block[] =>
  backfills.length === 0
    ? []
    : [
        {
          head: "| backfill | class | table | key | batch | rows, about | batches, about |\n|---|---|---|---|---|---|---|",
          lines: backfills.map(rowOf),
          tail: "",
        },
        ...backfills.flatMap((one) => [
          text(
            `${code(one.name)}: ${paceText(one)}. ${rehearsalText(rehearsed.find(({ name }) => name === one.name))}`,
          ),
          text(fenced(one.statement.trimEnd(), "sql")),
          ...(one.verify === null
            ? []
            : [
                text(`Done only once this, asked as the reading identity, counts 0 rows:`),
                text(fenced(one.verify.trimEnd(), "sql")),
              ]),
        ]),
      ];

const rowOf = ({ name, class: level, table, key, batch, rows, batches }: PlannedBackfill): string =>
  `| ${codeCell(name)} | ${level} | ${codeCell(table)} | ${codeCell(key)} | ${batch} | ${rows ?? "?"} | ${batches ?? "?"} |`;

const paceText = ({
  after,
  throttle,
  pauseBetween,
  outsideWindows,
  deadLetters,
  errorBudget,
}: PlannedBackfill): string =>
  [
    after === null ? "starts after the apply" : `starts once version ${code(after)} is applied`,
    ...(throttle.replicationLag === null
      ? []
      : [`waits while a replica is ${throttle.replicationLag} s behind`]),
    ...(throttle.activeSessions === null
      ? []
      : [`waits while ${throttle.activeSessions} other sessions are active`]),
    `rests ${throttle.rest} ms between batches`,
    ...(pauseBetween.length === 0 ? [] : [`pauses ${pauseBetween.map(windowText).join(" and ")} UTC`]),
    ...(outsideWindows ? ["**works outside of the apply windows of its class too**"] : []),
    `stops where more than ${deadLetters} keys or ${shareText(errorBudget.share)} of them fail, or ${errorBudget.inARow} times in a row`,
  ].join(", ");

const windowText = ({ from, to }: DayWindow): string => `${timeText(from)}-${timeText(to)}`;
const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

const rehearsalText = (one: RehearsedBackfill | undefined): string => {
  if (!one) return "Not rehearsed.";
  if (one.failure !== null) return `**Its rehearsal failed:** ${plain(one.failure)}`;
  if (one.leftOut !== null) return `⚠️ Keys of the rehearsed batch would be left out: ${plain(one.leftOut)}.`;
  return `Rehearsed: ${one.keys} keys, ${one.changed} rows changed in ${one.milliseconds} ms.`;
};
