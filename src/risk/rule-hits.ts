import type { CatalogueRule } from "../model/catalogue.ts";
import type { ChangeClass } from "../model/change-class.ts";
import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { type Path, renderPath } from "../model/path.ts";
import type { ResourceChange, RiskReason } from "../model/plan.ts";
import { isMarkedAt, isMarkedWithin, isNoise, valueAt } from "../model/value-diff.ts";
import { holds, isMeasured } from "./condition.ts";
import { hidesAddresses } from "./world-opening.ts";

export interface RuleHit {
  readonly class: ChangeClass;
  readonly reason: RiskReason;
}

/** What the rules of a type say about one change, in the order of the rules, each place once. */
export const ruleHits = (rules: readonly CatalogueRule[], change: ResourceChange): readonly RuleHit[] =>
  rules
    .filter((rule) => applies(rule, change))
    .flatMap((rule) => placesOf(rule.path, change).flatMap((path) => hitAt(rule, path, change)));

const applies = (rule: CatalogueRule, change: ResourceChange): boolean => {
  if (rule.unless.some((exception) => isExcepted(exception, change))) return false;
  const destroys = change.actions.includes("delete") || change.action === "unknown";
  if (ON_DESTROY.includes(rule.when)) return destroys;
  if (rule.when === "forces-replacement") return change.action === "replace";
  if (ONLY_ON_CREATE.includes(rule.id)) return change.action === "create" && !isOfNewOwner(change);
  if (change.action === "create")
    return ON_CREATE.includes(rule.when) || (OPENINGS.includes(rule.id) && isSaid(rule, change));
  return change.action === "update" || change.action === "replace" || change.action === "unknown";
};

/** An exception that comes only at apply is none: the worse case counts. */
const isExcepted = (exception: CatalogueRule["unless"][number], change: ResourceChange): boolean => {
  const value = valueAt(change.after ?? change.before, exception.path);
  if (exception.values.includes("*")) return !isNoise(value, null);
  return exception.values.some((known) => String(known).toLowerCase() === String(value ?? "").toLowerCase());
};

// What is open from its first day is worth telling; everything else compares with what was.
const ON_CREATE: readonly CatalogueRule["when"][] = ["opened-to-world", "made-public", "all-allowed"];
const ON_DESTROY: readonly CatalogueRule["when"][] = ["true-on-destroy", "named-on-destroy"];
// A grant is opened by making it: `allUsers`, `public-read`, `publicly_accessible = true`, `roles/owner`.
const OPENINGS: readonly string[] = ["public-access", "public-on", "open-to-world", "admin-granted"];

// Rules of their own that are laid over a bucket which may be full.
const ONLY_ON_CREATE: readonly string[] = ["expiry-set"];

/** The bucket that it is for gets its id in the same plan. */
const isOfNewOwner = ({ afterUnknown }: ResourceChange): boolean =>
  ["bucket", "storage_account_id"].some((owner) => isMarkedAt(afterUnknown, [owner]));

/** Nobody decided what a provider merely sets by default. */
const isSaid = (rule: CatalogueRule, { written }: ResourceChange): boolean =>
  !rule.byDefault || (written !== undefined && writtenAt(written, rule.path.filter(isName)).length > 0);

const isName = (step: string | number): step is string => typeof step === "string" && step !== "*";

/** Every concrete path that the pattern names in the value before or after, and where it may come unknown. */
const placesOf = (pattern: readonly (string | number)[], change: ResourceChange): readonly Path[] => {
  const places = [change.before, change.after, change.afterUnknown].flatMap((tree) =>
    expand(tree, pattern, []),
  );
  return [...new Map(places.map((path) => [renderPath(path), path])).values()];
};

const expand = (
  tree: Json | undefined,
  pattern: readonly (string | number)[],
  path: Path,
): readonly Path[] => {
  const [step, ...rest] = pattern;
  if (step === undefined) return [path];
  // An unknown container hides what it will hold: stop at it.
  if (tree === true && path.length > 0) return [path];
  if (step === "*") return keysOf(tree).flatMap((key) => expand(valueAt(tree, [key]), rest, [...path, key]));
  const below = valueAt(tree, [step]);
  return below === undefined ? [] : expand(below, rest, [...path, step]);
};

const keysOf = (tree: Json | undefined): readonly (string | number)[] => {
  if (Array.isArray(tree)) return tree.map((_item, index) => index);
  return isJsonObject(tree) ? Object.keys(tree) : [];
};

const hitAt = (rule: CatalogueRule, path: Path, change: ResourceChange): readonly RuleHit[] => {
  const [before, after] = [valueAt(change.before, path), valueAt(change.after, path)];
  if (rule.when === "forces-replacement") return isForced(path, change) ? [hit(rule, path, change, "")] : [];
  const known = ON_DESTROY.includes(rule.when) || !isHidden(rule, path, change);
  // What is known of something new speaks for itself, whatever else is unknown beside it.
  if (known || (change.action === "create" && holds(rule, null, after)))
    return holds(rule, before, after) ? [hit(rule, path, change, "")] : [];
  return mayHold(rule, before, change) ? [hit(rule, path, change, UNKNOWN_NOTE)] : [];
};

/** The plan names the attribute; where it names none (tainted, asked for), nothing forced it. */
const isForced = (path: Path, { replacePaths }: ResourceChange): boolean =>
  replacePaths.some(
    (forced) =>
      forced.length > 0 && forced.slice(0, path.length).every((step, index) => step === path[index]),
  );

const UNKNOWN_NOTE = " (the value is known only after apply, so the worse case counts)";

/** Whether this rule may hold of something that comes at apply, so that the code must say whether anybody wrote it. */
export const asksCode = (rule: CatalogueRule, { action, afterUnknown }: ResourceChange): boolean => {
  if (action === "create" && rule.byDefault) return true;
  return isOpening(rule) && (action === "create" || action === "replace") && isAnyMarked(rule, afterUnknown);
};

const isAnyMarked = ({ path: [first] }: CatalogueRule, marks: Json): boolean =>
  first !== undefined && isMarkedWithin(marks, [first]);

const isHidden = (rule: CatalogueRule, path: Path, change: ResourceChange): boolean => {
  if (rule.when !== "opened-to-world") return isMarkedWithin(change.afterUnknown, path);
  return isMarkedAt(change.afterUnknown, path) || hidesAddresses(valueAt(change.afterUnknown, path));
};

// A value that comes at apply counts as the worse one, where there was something to lose.
const mayHold = (rule: CatalogueRule, before: Json | undefined, change: ResourceChange): boolean => {
  // All that a new object gets from its provider is unknown, and the old one's loss is told already.
  if (change.action === "create") return isOpening(rule) && mayOpen(rule, change);
  if (change.action === "replace" && !(EXPOSING.includes(rule.when) && mayOpen(rule, change))) return false;
  switch (rule.when) {
    case "turned-off":
    case "removed":
    case "leaves":
      return holds(rule, before, null);
    case "turned-on":
      return holds(rule, before, true);
    case "becomes":
      return !rule.values.some((value) => value === before);
    case "opened-to-world":
    case "made-public":
    case "all-allowed":
    case "principal-added":
      return true;
    case "lowered":
    case "raised":
      return isMeasured(rule, before);
    case "changed":
    case "element-added":
    case "expires-sooner":
      return true;
    default:
      return !isNoise(before, null);
  }
};

/** Only what its code writes: the rest is what the provider answers of something that nobody opened. */
const mayOpen = (rule: CatalogueRule, { written, afterUnknown }: ResourceChange): boolean => {
  if (written === undefined) return true;
  const said = writtenAt(written, rule.path.filter(isName));
  // A plan's configuration leaves `dynamic` blocks out; a rule of which only the addresses are unknown was written.
  if (said.length === 0)
    return rule.when === "opened-to-world" && valueAt(afterUnknown, rule.path.slice(0, 1)) !== true;
  return !(isOfFixedWords(rule) && said.every(isMadeHere));
};

const isOpening = (rule: CatalogueRule): boolean =>
  ON_CREATE.includes(rule.when) || OPENINGS.includes(rule.id);

const isOfFixedWords = ({ when }: CatalogueRule): boolean => when === "becomes";

/** The id or address of something that is made in the same plan is no well-known word such as `allUsers`. */
const isMadeHere = (expression: Json): boolean => {
  const references = isJsonObject(expression) ? expression["references"] : undefined;
  if (!Array.isArray(references) || references.length === 0) return false;
  return references.every((one) => typeof one === "string" && !HOLDS_ANYTHING.test(one));
};

const HOLDS_ANYTHING =
  /^(var|local|data|module|each|count|path|self|terraform|ephemeral|terraform_data|null_resource|random_\w+)\./;

const writtenAt = (node: Json | undefined, names: readonly string[]): readonly Json[] => {
  if (Array.isArray(node)) return node.flatMap((item) => writtenAt(item, names));
  if (node === undefined) return [];
  const [name, ...rest] = names;
  // An expression for a whole block says nothing of its parts.
  if (name === undefined || !isJsonObject(node) || "references" in node) return [node];
  return writtenAt(node[name], rest);
};

const EXPOSING: readonly CatalogueRule["when"][] = [
  "turned-on",
  "becomes",
  "opened-to-world",
  "made-public",
  "all-allowed",
  "principal-added",
];

const hit = (rule: CatalogueRule, path: Path, change: ResourceChange, note: string): RuleHit => {
  const words: { readonly [name: string]: string } = {
    address: change.address,
    path: renderPath(path),
    before: shown(change.before, change.beforeSensitive, path),
    after: note ? "a value not known yet" : shown(change.after, change.afterSensitive, path),
  };
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
  return {
    class: rule.class,
    reason: {
      rule: rule.id,
      message: `${fill(rule.message)}${note}`,
      path: renderPath(path),
      wayOut: fill(rule.wayOut),
      ...(rule.oneWay ? { oneWay: true as const } : {}),
    },
  };
};

const shown = (value: Json, sensitive: Json, path: Path): string => {
  if (isMarkedWithin(sensitive, path)) return "(sensitive)";
  const here = valueAt(value, path) ?? null;
  if (here === null) return "nothing";
  if (isExactNumber(here)) return here.rawJSON;
  if (typeof here === "object") return "another value";
  const text = String(here);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};
