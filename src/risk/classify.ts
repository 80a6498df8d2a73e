import type { CatalogueType } from "../model/catalogue.ts";
import { type ChangeClass, worstClass } from "../model/change-class.ts";
import { renderPath } from "../model/path.ts";
import type { ResourceChange, Risk, RiskReason } from "../model/plan.ts";
import { leafDiffs } from "../model/value-diff.ts";
import { type RuleHit, ruleHits } from "./rule-hits.ts";

/** What one change does to durable state; `entry` is its type in the catalogue, if it has one. */
export const classifyChange = (change: ResourceChange, entry: CatalogueType | undefined): Risk => {
  const stateful = entry?.stateful ?? false;
  const base = { stateful, destructive: isDestructive(change) };
  if (HARMLESS.includes(change.action) || change.mode !== "managed") return outsideManaged(change, base);
  const hits = [actionHit(change, entry), ...ruleHits(entry?.rules ?? [], change)];
  return {
    class: worstClass(hits.map((hit) => hit.class)),
    ...base,
    reasons: distinct(hits.map((hit) => hit.reason)),
  };
};

const HARMLESS = ["no-op", "read"];

// A data source and an ephemeral resource are only read; what else an engine says of them is not known.
const outsideManaged = (
  change: ResourceChange,
  base: { readonly stateful: boolean; readonly destructive: boolean },
): Risk => {
  if (!base.destructive) return { class: "R0", ...base, reasons: [] };
  return { class: "R4", ...base, reasons: [unknownAction(change)] };
};

const isDestructive = (change: ResourceChange): boolean =>
  change.action === "delete" || change.action === "replace" || change.action === "unknown";

const actionHit = (change: ResourceChange, entry: CatalogueType | undefined): RuleHit => {
  const what = entry?.what ?? "resource";
  switch (change.action) {
    case "create":
      return said("R1", "create", `Creates a new ${what}.`);
    case "move":
      return said(
        "R0",
        "move",
        `Moves from ${change.previousAddress} in the state; the ${what} itself stays.`,
      );
    case "import":
      return said("R0", "import", `Takes an existing ${what} into the state; the ${what} itself stays.`);
    case "forget":
      return forgetHit(entry, what);
    case "update":
      return updateHit(change, entry, what);
    case "delete":
      return mended(said(destroyClass(entry), "destroy", destroyMessage(change, entry, what)), entry, KEEP);
    case "replace":
      return replaceHit(change, entry, what);
    default:
      return { class: worstClass(["R4", destroyClass(entry)]), reason: unknownAction(change) };
  }
};

/** Only what holds something is worth a way out; the loss of anything else is made good by making it again. */
const mended = (hit: RuleHit, entry: CatalogueType | undefined, wayOut: string): RuleHit =>
  entry?.stateful ? { ...hit, reason: { ...hit.reason, wayOut } } : hit;

const KEEP =
  "Leave it in the code; or restore a backup of it once, move its users away, and destroy it in a pull request of its own.";
const BESIDE =
  "Make the new one beside it, copy what it holds, move its users over, and remove the old one later.";
const HAND_OVER = "Say who looks after it from now on, or import it where it is managed.";

const said = (changeClass: ChangeClass, rule: string, message: string, path?: string): RuleHit => ({
  class: changeClass,
  reason: { rule, message, ...(path === undefined ? {} : { path }) },
});

const destroyClass = (entry: CatalogueType | undefined): ChangeClass => entry?.destroy ?? "R3";

const destroyMessage = (change: ResourceChange, entry: CatalogueType | undefined, what: string): string => {
  if (change.deposed !== null)
    return `Destroys the deposed ${what} ${change.deposed}, left from an earlier replacement.`;
  if (!entry?.stateful) return `Destroys the ${what}.`;
  return `Destroys the ${what}${LOSS[entry.kind] ?? ""}.`;
};

const LOSS: { readonly [kind: string]: string } = {
  database: " and the data in it",
  snapshot: ": a way back is gone",
  bucket: " and the objects in it",
  "bucket-guard": ", which protects or rules a bucket",
  volume: " and the data on it",
  filesystem: " and the files on it",
  queue: " and the messages in it",
  topic: " and the records in it",
  stream: " and the records in it",
  cache: " and what it holds",
  search: " and the indexes in it",
  dns: "; its names stop resolving, and a new one gets other name servers",
  key: "; what was encrypted with it can never be read again",
  secret: " and its value",
  certificate: "; what presents it loses its trust",
  identity: "; who uses it loses access, and a new one is not the same principal",
  log: " and the evidence in it",
  registry: " and the artifacts in it",
  workload: " and what it keeps",
};

const replaceHit = (change: ResourceChange, entry: CatalogueType | undefined, what: string): RuleHit => {
  const forced = change.replacePaths.map(renderPath).filter((path) => path !== "");
  const why = forced.length > 0 ? ` because ${forced.join(", ")} changed` : reasonText(change.actionReason);
  if (change.actions.includes("forget")) {
    const message = `Creates a new ${what} and forgets the old one${why}: the old one is left behind, unmanaged, with its data.`;
    return mended(said(destroyClass(entry), "replace", message, forced[0]), entry, HAND_OVER);
  }
  const loss = entry?.stateful ? (LOSS[entry.kind] ?? "") : "";
  const message = `Replaces the ${what}${why}: destroys the old ${what}${loss}.`;
  return mended(said(destroyClass(entry), "replace", message, forced[0]), entry, BESIDE);
};

const reasonText = (reason: string | null): string => {
  if (reason === "replace_because_tainted") return " because it is tainted";
  if (reason === "replace_by_request") return " because it was asked for";
  if (reason === "replace_by_triggers") return " because of replace_triggered_by";
  return "";
};

const forgetHit = (entry: CatalogueType | undefined, what: string): RuleHit => {
  const message = `Forgets the ${what}: nothing is destroyed, but it is left behind and no longer managed.`;
  return mended(said(entry?.stateful ? "R3" : "R2", "forget", message), entry, HAND_OVER);
};

const updateHit = (change: ResourceChange, entry: CatalogueType | undefined, what: string): RuleHit => {
  if (!entry?.stateful) return said("R1", "update", `Updates the ${what} in place.`);
  const quiet = leafDiffs(change.before, change.after).every((leaf) => LABELS.has(String(leaf.path[0])));
  return said(quiet ? "R1" : "R2", "update", `Updates the ${what} in place.`);
};

const LABELS = new Set(["tags", "tags_all", "labels", "terraform_labels", "effective_labels", "description"]);

const unknownAction = (change: ResourceChange): RiskReason => ({
  rule: "unknown-action",
  message: `The engine plans ${JSON.stringify(change.actions)}, which Plumbline does not know: taken as destructive.`,
  wayOut: "Apply with a version of the engine whose actions Plumbline knows, or upgrade Plumbline.",
});

const distinct = (reasons: readonly RiskReason[]): readonly RiskReason[] => {
  const byKey = new Map(reasons.map((reason) => [`${reason.rule} ${reason.path ?? ""}`, reason]));
  return [...byKey.values()];
};
