import type { GateReason } from "../model/decision.ts";
import { compatibilityLines } from "./compatibility.ts";
import { code, codeCell, plain, sentence } from "./escape.ts";
import { type Block, text } from "./pack.ts";
import type { StatefulView } from "./pull-view.ts";

/** What the pull request does to durable state beside its plans, what its author says, and what is missing. */
export const statefulBlocks = (view: StatefulView): readonly Block[] => [
  text(`### Durable state: class ${view.class}`, "", `${saying(view)}${approvalsText(view)}`),
  ...(view.compatibility ? [text(...compatibilityLines(view.compatibility))] : []),
  ...findingBlocks(view),
  ...warningBlocks(view),
  ...onePerGate(view.missing).flatMap(missingBlocks),
];

const saying = ({ found, claimed, sources }: StatefulView): string => {
  if (claimed === null) return `Found: ${found}. The author says nothing about it.`;
  const where = sources
    .map((source) => (source === "pull request" ? "the description" : code(source)))
    .join(", ");
  return `Found: ${found}. The author says ${claimed}, in ${where}.`;
};

const approvalsText = ({ approvals }: StatefulView): string => {
  if (approvals.length === 0) return "";
  const each = approvals.map(({ role, by }) => `${plain(role)} ${by === null ? "⏳" : `✅ ${plain(by)}`}`);
  return ` Approvals: ${each.join(", ")}.`;
};

const findingBlocks = ({ findings }: StatefulView): readonly Block[] => {
  if (findings.length === 0) return [];
  const rows = findings
    .slice(0, MOST_ROWS)
    .map(
      ({ class: level, place, message, wayOut }) =>
        `| ${level} | ${codeCell(place)} | ${plain(message)} | ${plain(wayOut)} |`,
    );
  const left = findings.length - rows.length;
  return [
    { head: "| class | where | what | way out |\n|---|---|---|---|", lines: rows, tail: "" },
    ...(left > 0 ? [text(`${left} more, none of them worse; each plan below shows its own.`)] : []),
  ];
};

const warningBlocks = ({ warnings = [] }: StatefulView): readonly Block[] =>
  warnings.length === 0 ? [] : [text(...warnings.map((warning) => `⚠️ ${sentence(warning)}`))];
// Worst first: nobody reads more of one table.
const MOST_ROWS = 200;

interface Missing extends Omit<GateReason, "wayOut"> {
  readonly waysOut: readonly string[];
}

/** Several workspaces may miss the same thing; it is said once, with what each of them names. */
const onePerGate = (reasons: readonly GateReason[]): readonly Missing[] =>
  [...Map.groupBy(reasons, ({ gate }) => gate).values()].map((same): Missing => {
    const examples = same.flatMap(({ example }) => (example === undefined ? [] : [example]));
    const [longest] = examples.toSorted((left, right) => right.length - left.length);
    const { gate, message } = same[0] as GateReason;
    return {
      gate,
      message,
      details: [...new Set(same.flatMap(({ details = [] }) => details))],
      waysOut: [...new Set(same.map(({ wayOut }) => wayOut))],
      ...(longest === undefined ? {} : { example: longest }),
    };
  });

const missingBlocks = ({ gate, message, waysOut, details = [], example }: Missing): readonly Block[] => [
  text(
    `**Missing (${gate}):** ${sentence(message)}`,
    ...details.map((detail) => `- ${code(detail)}`),
    "",
    ...waysOut.map((wayOut) => `→ ${sentence(wayOut)}`),
  ),
  ...(example === undefined ? [] : [exampleBlock(example)]),
];

/** The block to paste stands in a fence that its own text cannot close. */
export const exampleBlock = (example: string): Block => {
  const longest = Math.max(2, ...[...example.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = "`".repeat(longest + 1);
  return { head: `${mark}yaml`, lines: example.split("\n"), tail: mark };
};
