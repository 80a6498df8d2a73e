import { isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { valueAt } from "../model/value-diff.ts";
import { holds } from "./condition.ts";
import { valuesFindings } from "./helm-values.ts";
import { KINDS } from "./manifest-kinds.ts";
import type { FieldRule, KindRule } from "./manifest-rule.ts";
import { documentsIn } from "./yaml-documents.ts";

/** What changed manifests do to stateful Kubernetes objects, wherever in the changed files they lie. */
export const manifestFindings = (changes: readonly FileChange[]): readonly FileFinding[] => {
  const { kept, gone, fresh } = paired(objectsOf(changes, "before"), objectsOf(changes, "after"));
  return [
    ...kept.flatMap(([old, now]) => changed(old, now)),
    ...gone.flatMap(removed),
    ...fresh.flatMap(created),
    ...unreadable(changes),
  ];
};

interface Placed {
  readonly path: string;
  readonly object: JsonObject;
  readonly kind: string;
  readonly name: string;
  readonly rule: KindRule;
}

/**
 * Each object with what becomes of it: the one of its name in the same file, else one of its name that is new in
 * another file, since it may have moved. Overlays hold objects of one name, one for each environment.
 */
const paired = (before: readonly Placed[], after: readonly Placed[]) => {
  const open = [...after];
  const take = (fits: (now: Placed) => boolean): Placed | undefined => {
    const index = open.findIndex(fits);
    return index < 0 ? undefined : open.splice(index, 1)[0];
  };
  const here = before.map((old) => [old, take((now) => now.path === old.path && isSame(old, now))] as const);
  const all = here.map(
    ([old, now]) => [old, now ?? (isAnonymous(old) ? undefined : take((one) => isSame(old, one)))] as const,
  );
  return {
    kept: all.flatMap(([old, now]) => (now ? [[old, now] as const] : [])),
    gone: all.flatMap(([old, now]) => (now ? [] : [old])),
    fresh: open,
  };
};

/** Its name is left to the chart. */
const isAnonymous = ({ name }: Placed): boolean => name === "" || name === "template";

const isSame = (old: Placed, now: Placed): boolean => old.kind === now.kind && old.name === now.name;

const objectsOf = (changes: readonly FileChange[], side: "before" | "after"): readonly Placed[] =>
  changes.flatMap((change) =>
    (documentsIn(change[side] ?? "") ?? [])
      .flatMap(itemsOf)
      .flatMap(withTemplates)
      .flatMap((object) => placedAt(change.path, object) ?? []),
  );

const itemsOf = (document: JsonObject): readonly JsonObject[] =>
  Array.isArray(document["items"]) && String(document["kind"]).endsWith("List")
    ? document["items"].filter(isJsonObject)
    : [document];

/** A StatefulSet's claim templates are claims of their own: one volume each for every replica. */
const withTemplates = (object: JsonObject): readonly JsonObject[] => {
  const templates = object["kind"] === "StatefulSet" ? at(object, ["spec", "volumeClaimTemplates"]) : null;
  const owner = nameOf(object);
  const claims = (Array.isArray(templates) ? templates : []).filter(isJsonObject).map((template) => ({
    ...template,
    kind: "VolumeClaimTemplate",
    metadata: { name: `${owner}/${String(at(template, ["metadata", "name"]) ?? "")}` },
  }));
  return [object, ...claims];
};

const placedAt = (path: string, object: JsonObject): Placed | null => {
  const kind = typeof object["kind"] === "string" ? object["kind"] : "";
  const group = String(object["apiVersion"] ?? "");
  const rule = KINDS.find(
    (one) =>
      (one.kinds.includes(kind) || (kind !== "" && one.kinds.includes("*"))) &&
      (one.group?.test(group) ?? true),
  );
  return rule ? { path, object, kind, name: nameOf(object), rule } : null;
};

const nameOf = (object: JsonObject): string => {
  const name = at(object, ["metadata", "name"]);
  const namespace = at(object, ["metadata", "namespace"]);
  if (typeof name !== "string") return "";
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
};

const at = (object: JsonObject, path: readonly (string | number)[]): Json | undefined =>
  valueAt(object, path);

const removed = (old: Placed): readonly FileFinding[] => {
  const what = `${old.kind} ${old.name}`.trim();
  if (isKept(old.object)) {
    const message = `Takes the ${what} out of Git; an annotation keeps the object itself, which nobody manages then.`;
    return [finding(old, "left-behind", "R2", message, "Delete it on purpose later, or leave it in Git.")];
  }
  const { destroy, loss } = old.rule;
  const worse = old.rule.worseWhere?.(old.object) ?? null;
  const message = `Deletes the ${what}${worse?.loss ?? loss}.`;
  return [finding(old, "manifest-deleted", worse?.class ?? destroy, message, WAY_OUT_OF_DELETION)];
};

const WAY_OUT_OF_DELETION =
  "Move readers and writers away first, keep a backup that was restored once, then delete it alone.";

const isKept = (object: JsonObject): boolean => {
  const notes = at(object, ["metadata", "annotations"]);
  if (!isJsonObject(notes)) return false;
  return (
    notes["helm.sh/resource-policy"] === "keep" ||
    /Prune=false|Delete=false/.test(String(notes["argocd.argoproj.io/sync-options"] ?? "")) ||
    notes["kustomize.toolkit.fluxcd.io/prune"] === "disabled"
  );
};

const created = (now: Placed): readonly FileFinding[] => {
  const hits = now.rule.fields.filter((field) => field.onCreate && fires(field, {}, now.object));
  if (hits.length > 0) return hits.map((field) => said(now, field, {}, now.object));
  const what = `${now.kind} ${now.name}`.trim();
  return [
    finding(now, "manifest-created", now.rule.create ?? "R1", `Creates the ${what}.`, "Nothing to do."),
  ];
};

const changed = (old: Placed, now: Placed): readonly FileFinding[] => {
  if (jsonEqual(old.object, now.object)) return [];
  const hits = now.rule.fields.filter((field) => fires(field, old.object, now.object));
  const values = (now.rule.values ?? []).flatMap((path) =>
    valuesFindings(now.path, at(old.object, path), at(now.object, path), `${now.kind} ${now.name}`),
  );
  const found = [...hits.map((field) => said(now, field, old.object, now.object)), ...values];
  if (found.length > 0) return found;
  const quiet = jsonEqual(withoutLabels(old.object), withoutLabels(now.object));
  const level = quiet ? "R0" : (now.rule.update ?? "R1");
  if (level === "R0") return [];
  return [
    finding(
      now,
      "manifest-changed",
      level,
      `Changes the ${now.kind} ${now.name} in place.`,
      "Nothing to do.",
    ),
  ];
};

const withoutLabels = ({ metadata: _, ...rest }: JsonObject): JsonObject => rest;

const fires = (field: FieldRule, before: JsonObject, after: JsonObject): boolean => {
  if (field.unless?.(after)) return false;
  const [left, right] = [at(before, field.path), at(after, field.path)];
  return holds(
    {
      id: field.id,
      class: field.class,
      path: field.path,
      when: field.when,
      values: field.values ?? [],
      unlimited: field.unlimited ?? [],
      absent: field.absent,
      byDefault: false,
      oneWay: false,
      unless: [],
      message: field.message,
      wayOut: field.wayOut,
      source: "",
    },
    left,
    right,
  );
};

const said = (placed: Placed, field: FieldRule, before: JsonObject, after: JsonObject): FileFinding => {
  const values: Readonly<Record<string, string>> = {
    "{before}": shown(at(before, field.path)),
    "{after}": shown(at(after, field.path)),
  };
  const message = field.message.replaceAll(/\{(before|after)\}/g, (slot) => values[slot] ?? slot);
  return finding(placed, field.id, field.class, `${placed.kind} ${placed.name}: ${message}`, field.wayOut);
};

const shown = (value: Json | undefined): string =>
  value === undefined || value === null
    ? "nothing"
    : typeof value === "object"
      ? "other values"
      : String(value).slice(0, 80);

const finding = (
  { path, kind, name }: Pick<Placed, "path" | "kind" | "name">,
  rule: string,
  level: FileFinding["class"],
  message: string,
  wayOut: string,
): FileFinding => ({ path, subject: `${kind} ${name}`.trim(), rule, class: level, message, wayOut });

/** A text that names a stateful kind and cannot be read counts as the worse case. */
const unreadable = (changes: readonly FileChange[]): readonly FileFinding[] =>
  changes.flatMap(({ path, before, after }) => {
    const broken = [before, after].filter((text) => text !== null && documentsIn(text) === null);
    const named = broken
      .map((text) => STATEFUL_KIND.exec(text ?? "")?.[1])
      .find((kind) => kind !== undefined);
    if (named === undefined) return [];
    const message = `Holds a ${named} and cannot be read as YAML: taken as if it were deleted.`;
    return [finding({ path, kind: named, name: "" }, "manifest-unreadable", "R4", message, "Mend the YAML.")];
  });

const STATEFUL_KIND =
  /^\s*kind:\s*["']?(PersistentVolumeClaim|PersistentVolume|StorageClass|StatefulSet|KafkaTopic|Kafka|Namespace)\b/m;
