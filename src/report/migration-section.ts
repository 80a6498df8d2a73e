import type { JudgedMigration, MigrationSummary, PassedOver } from "../model/migration.ts";
import { plannedBackfillBlocks } from "./backfill-section.ts";
import { code, codeCell, plain } from "./escape.ts";
import { tablesBlocks } from "./live-tables.ts";
import { type Block, text } from "./pack.ts";
import { type RehearsalDetail, rehearsalBlocks } from "./rehearsal-section.ts";

/** What a plan of SQL migrations would run, where, and what the analysis says of each statement. */
export const migrationBlocks = (summary: MigrationSummary, detail: RehearsalDetail): readonly Block[] => [
  text(standingText(summary)),
  ...(summary.migrations.length === 0
    ? []
    : [
        {
          head: "| migration | class | statements | transaction | strongest lock |\n|---|---|---|---|---|",
          lines: summary.migrations.map(rowOf),
          tail: "",
        },
      ]),
  ...passedOverBlocks(summary.passedOver ?? []),
  ...findingBlocks(summary.migrations),
  ...plannedBackfillBlocks(summary.backfills ?? [], summary.rehearsal?.backfills ?? []),
  ...tablesBlocks(summary.tables ?? []),
  ...(summary.rehearsal ? rehearsalBlocks(summary.rehearsal, detail) : []),
];

const passedOverBlocks = (files: readonly PassedOver[]): readonly Block[] =>
  files.length === 0
    ? []
    : [
        {
          head: "**Files that no run takes**\n",
          lines: files.map(({ path, why }) => `- ⚠️ ${code(path)}: ${plain(why)}`),
          tail: "",
        },
      ];

const standingText = ({ target, history, tool, toolVersion }: MigrationSummary): string => {
  const at = history.version === null ? "no version yet" : `version ${code(history.version)}`;
  const by = tool === "builtin" ? "" : `, run by ${tool}${toolVersion ? ` ${plain(toolVersion)}` : ""}`;
  return `${code(target.place)} (PostgreSQL ${target.version}${by}) is at ${at}.`;
};

const rowOf = (one: JudgedMigration): string => {
  const { script, class: level, statements, transactional } = one;
  const way = transactional === null ? "?" : transactional ? "one" : "**none**";
  return `| ${codeCell(script)} | ${level} | ${statements} | ${way} | ${lockOf(one)} |`;
};

const LOCKS = [
  ...["ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE ROW EXCLUSIVE"],
  ...["SHARE", "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE"],
];

const lockOf = ({ findings, suppressed }: JudgedMigration): string => {
  const taken = new Set([...findings, ...suppressed].map(({ lock }) => lock));
  return LOCKS.find((lock) => taken.has(lock as never))?.toLowerCase() ?? "";
};

const findingBlocks = (migrations: readonly JudgedMigration[]): readonly Block[] => {
  const lines = migrations.flatMap(({ findings, suppressed }) => [
    ...findings.map(
      ({ file, line, severity, rule, message, fix }) =>
        `- ${severity === "error" ? "❌" : "⚠️"} ${code(`${file}:${line}`)} ${code(rule)}: ${plain(message)}${fix === "" ? "" : ` → ${plain(fix)}`}`,
    ),
    ...suppressed.map(
      ({ file, line, rule, owner, reason }) =>
        `- ${code(`${file}:${line}`)} ${code(rule)}: accepted by ${plain(owner)}: ${plain(reason)}`,
    ),
  ]);
  return lines.length === 0 ? [] : [{ head: "**Analysis**\n", lines, tail: "" }];
};
