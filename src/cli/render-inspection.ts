import type { ChangeClass } from "../model/change-class.ts";
import type { InspectedChange, Inspection } from "../model/plan.ts";
import { printable } from "./command.ts";

/** An inspection for a person in a terminal: the verdict first, then what is dangerous, then the rest. */
export const renderInspection = (inspection: Inspection): string => {
  const { changes, drift, revertsDrift } = inspection;
  const moving = changes.filter(({ action }) => action !== "no-op" && action !== "read");
  const ordered = moving.toSorted((left, right) =>
    left.class < right.class ? 1 : left.class > right.class ? -1 : 0,
  );
  const sections = [
    headline(inspection),
    ordered.map(renderChange).join(""),
    section("Drift found on the way:", drift.map(renderDrift)),
    section("The plan takes back what was changed outside of it:", revertsDrift.map(renderReverted)),
  ];
  return sections.filter((text) => text !== "").join("\n");
};

const MEANING: Readonly<Record<ChangeClass, string>> = {
  R0: "nothing durable changes",
  R1: "additive",
  R2: "additive, but costly to undo",
  R3: "breaks compatibility",
  R4: "destructive",
  R5: "irreversible",
};

const headline = ({ errored, counts, class: worst, documents }: Inspection): string => {
  const order = [
    "create",
    "update",
    "replace",
    "delete",
    "forget",
    "move",
    "import",
    "read",
    "drift",
  ] as const;
  const told = order.filter((name) => counts[name] > 0).map((name) => `${counts[name]} ${WORDS[name]}`);
  const lines = [
    documents === undefined ? "" : `The file holds ${documents} plans, told together.\n`,
    errored ? "Planning ended with an error: the plan is not complete and cannot be applied.\n" : "",
    `${told.length === 0 ? "No changes" : told.join(", ")}. Class ${worst}: ${MEANING[worst]}.\n`,
  ];
  return lines.join("");
};

const WORDS = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
  forget: "to forget",
  move: "moved",
  import: "to import",
  read: "to read",
  drift: "changed outside",
} as const;

const renderChange = (change: InspectedChange): string => {
  const mark = change.destructive ? "!" : change.stateful ? "*" : " ";
  const deposed = change.deposed === undefined ? "" : ` (deposed ${printable(change.deposed)})`;
  const reasons = change.reasons.map(
    ({ message, path, wayOut, oneWay }) =>
      `      ${printable(path ? `${path}: ${message}` : message)}${oneWay ? " (not taken back by the reverse change)" : ""}\n${wayOut ? `        way out: ${printable(wayOut)}\n` : ""}`,
  );
  return `${mark} ${change.class}  ${change.action.padEnd(7)}  ${printable(change.address)}${deposed}\n${reasons.join("")}`;
};

const renderDrift = ({ address, action, paths }: Inspection["drift"][number]): string =>
  `  ${printable(address)}  ${action}${paths.length > 0 ? `: ${printable(paths.join(", "))}` : ""}\n`;

const renderReverted = ({ address, path, exact }: Inspection["revertsDrift"][number]): string => {
  const how = exact ? "written back as recorded" : "overwritten";
  return `  ${printable(address)}  ${path === "" ? "created again" : `${printable(path)} ${how}`}\n`;
};

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : `${title}\n${lines.join("")}`;
