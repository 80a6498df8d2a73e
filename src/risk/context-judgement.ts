import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { InspectedChange, Inspection, RiskReason } from "../model/plan.ts";
import {
  type ContextEntry,
  contextOf,
  type ResourceContext,
  type TableContext,
} from "../model/resource-context.ts";
import type { FileFinding } from "../model/stateful-change.ts";

/**
 * A plan judged once more by what its resources hold. Sensitive data raises R3 to R4 on what is stateful, and so does
 * context that was asked for and could not be read; that nothing is in it is said, and never lowers a class.
 */
export const judgedByContext = (inspection: Inspection, context: ResourceContext): Inspection => {
  if (context.entries.length === 0 && context.problem === null) return inspection;
  const changes = inspection.changes.map((change) => judged(change, context));
  return { ...inspection, changes, class: worstClass(changes.map((change) => change.class)) };
};

const judged = (change: InspectedChange, context: ResourceContext): InspectedChange => {
  if (!change.stateful || change.class < "R3") return change;
  const entries = contextOf(context, change.address);
  const why = worse(entries.map(heldBy), context);
  const raised: ChangeClass = why !== null && change.class === "R3" ? "R4" : change.class;
  const reasons = [
    ...(why === null ? [] : [raisedReason(why, change.class, raised)]),
    ...entries.flatMap(holdings),
  ];
  return { ...change, class: raised, reasons: [...change.reasons, ...reasons] };
};

/** The entries that speak of anything that the plan changes, each once. */
export const contextOfChanges = (
  context: ResourceContext,
  { changes }: Pick<Inspection, "changes">,
): readonly ContextEntry[] => {
  const changed = changes.filter(({ action }) => action !== "no-op" && action !== "read");
  return [...new Set(changed.flatMap(({ address }) => contextOf(context, address)))];
};

interface Held {
  readonly classification: readonly (string | null)[];
  readonly criticality: readonly (string | null)[];
}

const heldBy = ({ dataClassification, criticality, tables }: ContextEntry): Held => ({
  classification: [dataClassification, ...Object.values(tables).map((table) => table.classification)],
  criticality: [criticality, ...Object.values(tables).map((table) => table.criticality)],
});

/** What makes a loss here worse than elsewhere; null where nothing is known to. */
const worse = (held: readonly Held[], { sensitive, problem }: ResourceContext): string | null => {
  if (problem !== null) return `What it holds could not be read (${problem}), so the worse case counts`;
  const classification = held
    .flatMap((one) => one.classification)
    .find((name) => name !== null && sensitive.includes(name.toLowerCase()));
  if (classification) return `It holds ${classification} data`;
  const top = held.flatMap((one) => one.criticality).find((name) => name?.toLowerCase() === "tier-0");
  return top ? `Its criticality is ${top}` : null;
};

const raisedReason = (why: string, from: ChangeClass, to: ChangeClass): RiskReason => ({
  rule: "resource-context",
  message: from === to ? `${why}.` : `${why}: ${from} counts as ${to}.`,
});

/** What it holds, and from when that is, for whoever decides how urgent it is. */
const holdings = (entry: ContextEntry): readonly RiskReason[] => {
  const parts = [
    ...(entry.bucket?.objects == null ? [] : [`${figure(entry.bucket.objects)} objects`]),
    ...sizes(entry).map((size) => `${figure(size)} GB`),
    ...Object.entries(entry.tables).flatMap(([name, { rows }]) =>
      rows === null ? [] : [`${figure(rows)} rows in ${name}`],
    ),
  ];
  if (parts.length === 0) return [];
  const measured = entry.observedAt ? `, as of ${entry.observedAt.toISOString().slice(0, 10)}` : "";
  const message = isEmpty(entry)
    ? `It was empty${measured} (${entry.source}); the class stays, since something may have come since.`
    : `It holds ${parts.slice(0, 6).join(", ")}${measured} (${entry.source}).`;
  return [{ rule: "resource-holds", message }];
};

const sizes = ({ sizeGb, bucket }: ContextEntry): readonly number[] =>
  [sizeGb, bucket?.sizeGb ?? null].filter((size) => size !== null).slice(0, 1);

const isEmpty = ({ bucket, sizeGb, tables }: ContextEntry): boolean => {
  const counts = [bucket?.objects, bucket?.sizeGb, sizeGb, ...Object.values(tables).map(({ rows }) => rows)];
  return counts.filter((one) => one != null).every((one) => one === 0);
};

const figure = (value: number): string => value.toLocaleString("en-US");

/**
 * Findings in files, judged by the tables that they name: sensitive data raises R3 to R4, and a large table (ten
 * million rows or 10 GB) raises what locks or rewrites it from R2 to R3.
 */
export const findingsByContext = (
  findings: readonly FileFinding[],
  context: ResourceContext,
): readonly FileFinding[] => {
  const tables = context.entries.flatMap((entry) => Object.entries(entry.tables));
  return findings.map((finding) =>
    tables.reduce((one, [name, table]) => byTable(one, name, table, context), finding),
  );
};

const byTable = (
  finding: FileFinding,
  name: string,
  table: TableContext,
  context: ResourceContext,
): FileFinding => {
  if (!names(finding, name)) return finding;
  const held = { classification: [table.classification], criticality: [table.criticality] };
  const why = worse([held], { ...context, problem: null });
  if (finding.class === "R3" && why !== null) return raisedTo(finding, "R4", `${name}: ${why}`);
  const large = (table.rows ?? 0) >= LARGE_ROWS || (table.sizeGb ?? 0) >= LARGE_GB;
  if (finding.class !== "R2" || !large) return finding;
  const size = [
    ...(table.rows === null ? [] : [`${figure(table.rows)} rows`]),
    ...(table.sizeGb === null ? [] : [`${figure(table.sizeGb)} GB`]),
  ];
  return raisedTo(finding, "R3", `${name} holds ${size.join(" in ")}`);
};

const LARGE_ROWS = 10_000_000;
const LARGE_GB = 10;

const raisedTo = (finding: FileFinding, to: ChangeClass, why: string): FileFinding => ({
  ...finding,
  class: to,
  message: `${finding.message} ${why}: ${finding.class} counts as ${to}.`,
});

/** The table's name as a word of its own, with or without its schema. */
const names = ({ subject, message }: FileFinding, table: string): boolean => {
  const bare = table.slice(table.lastIndexOf(".") + 1).toLowerCase();
  return `${subject} ${message}`
    .toLowerCase()
    .split(/[^\p{L}\p{N}_$]+/u)
    .includes(bare);
};
