import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { isStore } from "./store-names.ts";
import { documentsIn } from "./yaml-documents.ts";

/** Where a chart names the charts that it installs with itself. */
export const isChartFile = (path: string): boolean => /(^|\/)(Chart|requirements)\.ya?ml$/.test(path);

/** Charts of stores that another one brings along: taken out, or of another major version. */
export const chartFindings = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  if (before === null) return [];
  const [left, right] = [documentsIn(before), documentsIn(after ?? "")];
  if (left === null || right === null) return [unreadable(path)];
  const now = dependenciesIn(right[0] ?? {});
  return [...dependenciesIn(left[0] ?? {})].flatMap(([name, old]) => {
    const chart = String(old["name"]);
    const next = now.get(name);
    if (next === undefined) return isStore(chart) ? [gone(path, name)] : [];
    return versionFindings(path, name, old, next);
  });
};

/** By the alias, since one chart may be installed twice. */
const dependenciesIn = (chart: JsonObject): ReadonlyMap<string, JsonObject> => {
  const listed = Array.isArray(chart["dependencies"]) ? chart["dependencies"] : [];
  return new Map(listed.filter(isJsonObject).map((one) => [String(one["alias"] ?? one["name"]), one]));
};

const versionFindings = (
  path: string,
  name: string,
  old: JsonObject,
  now: JsonObject,
): readonly FileFinding[] => {
  const [from, to] = [majorOf(old["version"]), majorOf(now["version"])];
  const isMoved = old["name"] !== now["name"];
  if (!isMoved && (from === to || from === null || to === null)) return [];
  const keeps = isStore(String(old["name"])) || isStore(String(now["name"]));
  const change = isMoved
    ? `another chart (${String(old["name"])} becomes ${String(now["name"])})`
    : `another major version (${String(old["version"])} becomes ${String(now["version"])})`;
  return [
    {
      path,
      subject: name,
      rule: "chart-major-version",
      class: keeps ? "R3" : "R2",
      message: `The dependency ${name} is ${change}: names of its objects, and the format of what it keeps, may change with it.`,
      wayOut: "Read its upgrade notes, render it before and after, and rehearse it on a restored copy.",
    },
  ];
};

const gone = (path: string, name: string): FileFinding => ({
  path,
  subject: name,
  rule: "chart-dependency-removed",
  class: "R4",
  message: `The dependency ${name} is taken out: its pods go, and its volumes are left behind or deleted with it.`,
  wayOut: "Move its data away first, and keep a backup that was restored once.",
});

const unreadable = (path: string): FileFinding => ({
  path,
  subject: "chart",
  rule: "chart-unreadable",
  class: "R3",
  message: "This chart cannot be read as YAML: whether it still installs what keeps data is not known.",
  wayOut: "Mend the YAML.",
});

/** The first number of a version or a range of them; null where there is none. */
const majorOf = (version: unknown): number | null => {
  const [, major] = /(\d+)/.exec(String(version ?? "")) ?? [];
  return major === undefined ? null : Number(major);
};
