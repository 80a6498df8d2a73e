import type { MigrationSummary } from "../model/migration.ts";
import type { DiffRow, PlannedAction, PlanSummary } from "../model/plan.ts";
import { code, plain } from "./escape.ts";

type Resource = PlanSummary["resources"][number];

/** `1 to create, 2 to change, 1 to destroy`, the dangerous first; empty where nothing changes. */
export const countsText = ({ inspection, outputs, migration }: PlanSummary): string => {
  const { counts } = inspection;
  if (migration) return migrationsText(migration);
  const changedOutputs = outputs.filter((output) => output.action !== "no-op").length;
  const told: readonly (readonly [number, string])[] = [
    [counts.delete, "to destroy"],
    [counts.replace, "to replace"],
    [counts.update, "to change"],
    [counts.create, "to create"],
    [counts.forget, "to forget"],
    [counts.move, "to move"],
    [counts.import, "to import"],
    [changedOutputs, changedOutputs === 1 ? "output to change" : "outputs to change"],
  ];
  return told
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(", ");
};

const migrationsText = ({ migrations, backfills = [] }: MigrationSummary): string =>
  [counted(migrations.length, "migration", "to run"), counted(backfills.length, "backfill", "to start")]
    .filter((part) => part !== "")
    .join(", ");

const counted = (count: number, thing: string, what: string): string =>
  count === 0 ? "" : `${count} ${thing}${count === 1 ? "" : "s"} ${what}`;

/** What this plan takes away or may take away, worst first: each as one bullet with its reasons. */
export const destroyLines = (summary: PlanSummary): readonly string[] =>
  [...summary.resources].filter(takesAway).sort(worstFirst).map(destroyLine);

/** The addresses that hold durable state and are taken away or weakened, worst first. */
export const graveAddresses = (summary: PlanSummary): readonly string[] =>
  summary.resources
    .filter(isGrave)
    .sort(worstFirst)
    .map((resource) => `${wordFor(resource)} ${code(resource.address)}`);

/** Those that hold durable state, or of which nobody knows what the plan does to them. */
export const isGrave = (resource: Resource): boolean =>
  (resource.stateful && resource.destructive) || resource.action === "unknown" || resource.class >= "R4";

const takesAway = (resource: Resource): boolean =>
  isGrave(resource) || resource.destructive || TAKES_AWAY.has(resource.action);
const TAKES_AWAY: ReadonlySet<PlannedAction> = new Set<PlannedAction>(["delete", "replace", "forget"]);

const worstFirst = (left: Resource, right: Resource): number =>
  Number(isGrave(right)) - Number(isGrave(left)) ||
  (left.class === right.class ? 0 : left.class > right.class ? -1 : 1);

const destroyLine = (resource: Resource): string => {
  const { address, deposed, reasons } = resource;
  const name = `${code(address)}${deposed ? ` (deposed ${code(deposed)})` : ""}`;
  const why = isGrave(resource) ? reasons.map((reason) => plain(reason.message)).join(" ") : "";
  const word = wordFor(resource);
  const line = `${isGrave(resource) ? `**${word}**` : word} ${name}`;
  return `- ${line}${why === "" ? "" : `: ${why}`}`;
};

/** A migration is run and a backfill started, whatever the plan's shape calls it. */
const wordFor = ({ action, type }: Resource): string =>
  type === "postgres_migration" ? "run" : type === "postgres_backfill" ? "start" : WORDS[action];

const WORDS: Readonly<Record<PlannedAction, string>> = {
  create: "create",
  update: "change",
  delete: "destroy",
  replace: "replace",
  forget: "forget",
  read: "read",
  "no-op": "keep",
  move: "move",
  import: "import",
  unknown: "do something unknown to",
};

/** Lines of a `diff` code block, resources that are taken away first; what stays as it is is left out. */
export const diffLines = (summary: PlanSummary): readonly string[] =>
  summary.migration ? [] : resourceDiff(summary);

const resourceDiff = (summary: PlanSummary): readonly string[] => [
  ...[...summary.resources]
    .filter(({ action }) => action !== "no-op" && action !== "read")
    .sort((left, right) => Number(takesAway(right)) - Number(takesAway(left)) || worstFirst(left, right))
    .flatMap(resourceLines),
  ...summary.outputs
    .filter(({ action }) => action !== "no-op")
    .map(({ name, action, diff }) => `${SIGNS[action] ?? "!"} output ${oneLine(name)}: ${changeText(diff)}`),
];

const SIGNS: Readonly<Record<string, string>> = {
  create: "+",
  update: "!",
  delete: "-",
  replace: "-/+",
  forget: "-",
  move: "!",
  import: "+",
  unknown: "-",
};

const resourceLines = ({ action, address, deposed, previousAddress, diff }: Resource): readonly string[] => [
  `${SIGNS[action] ?? "!"} ${WORDS[action]} ${oneLine(address)}${deposed ? ` (deposed ${oneLine(deposed)})` : ""}${previousAddress ? ` (was ${oneLine(previousAddress)})` : ""}`,
  ...diff.map(
    (row) =>
      `    ${oneLine(row.path)}: ${changeText(row)}${row.forcesReplace ? "  # forces replacement" : ""}`,
  ),
];

const changeText = ({ before, after, sensitive, unknown }: DiffRow): string => {
  if (sensitive) return "(sensitive)";
  const becomes = unknown ? "(known after apply)" : (after ?? "(absent)");
  return before === null ? oneLine(becomes) : `${oneLine(before)} -> ${oneLine(becomes)}`;
};

const oneLine = (value: string): string => value.replaceAll(/\s*\n\s*/g, " ⏎ ");
