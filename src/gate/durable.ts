import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { Inspection, RiskReason } from "../model/plan.ts";
import type { FileFinding } from "../model/stateful-change.ts";
import type { DurableChange } from "./stateful-facts.ts";

/**
 * What a plan does to durable state, worst first. A stateless resource counts only where a rule of the catalogue says
 * that something is exposed or lost; its mere destroy is no business of a data owner.
 */
export const durableChanges = (inspection: Pick<Inspection, "changes">): readonly DurableChange[] =>
  inspection.changes
    .filter((change) => change.class > "R0" && (change.stateful || change.reasons.some(isMoreThanAction)))
    .flatMap((change) => {
      const reasons =
        change.reasons.length > 0 ? change.reasons : [{ rule: "change", message: "Changes it." }];
      // A change has one class; its reasons tell why.
      return reasons.map(({ rule, message, path, wayOut, phase }: RiskReason) => ({
        place: `${change.address}${path ? `.${path}` : ""}`,
        system: change.address,
        class: change.class,
        rule,
        message,
        ...(wayOut === undefined ? {} : { wayOut }),
        ...(phase === undefined ? {} : { phase }),
      }));
    })
    .toSorted((left, right) => right.class.localeCompare(left.class));

/**
 * What takes an old shape away, by the pull request's files. What is pending besides them, merged before and run now,
 * is told by the plan alone.
 */
export const contractsOf = (changes: readonly DurableChange[]): readonly DurableChange[] => {
  const all = changes.filter(({ phase }) => phase === "contract");
  const inFiles = all.filter(({ system }) => system === undefined);
  return inFiles.length > 0 ? inFiles : all;
};

const ACTIONS: ReadonlySet<string> = new Set([
  "create",
  "update",
  "destroy",
  "replace",
  "forget",
  "move",
  "import",
]);
const isMoreThanAction = ({ rule }: { readonly rule: string }): boolean => !ACTIONS.has(rule);

export const fileChanges = (findings: readonly FileFinding[]): readonly DurableChange[] =>
  findings.map(({ path, line, subject, phase, rule, class: level, message, wayOut }) => ({
    place: line === undefined ? (subject === "" ? path : `${path} ${subject}`) : `${path}:${line}`,
    class: level,
    rule,
    message,
    wayOut,
    ...(phase ? { phase } : {}),
  }));

export const classOf = (changes: readonly DurableChange[]): ChangeClass =>
  worstClass(changes.map((one) => one.class));
