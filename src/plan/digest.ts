import { createHmac } from "node:crypto";
import type { Catalogue } from "../model/catalogue.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { parsePath } from "../model/path.ts";
import type { Plan, PlanDigest } from "../model/plan.ts";
import { type DigestEntry, writtenEntries } from "./written.ts";

export interface DigestInput {
  readonly plan: Plan;
  readonly engine: { readonly distribution: string; readonly version: string };
  /** Text of `.terraform.lock.hcl`, null where there is none. */
  readonly lockFile: string | null;
  /** Hash over the root module, its local modules and the files they read. */
  readonly inputTree: string;
  /** Value of each variable, as text. */
  readonly variables: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** The instance's key: a plain hash would let short secrets be guessed. */
  readonly key: Uint8Array;
  /** `ADDRESS:PATH` or `output:NAME` of values that may differ between review and apply. */
  readonly ignore: readonly string[];
  /** Where given, paths of stateful types count although `ignore` names them. */
  readonly catalogue?: Catalogue;
}

/**
 * What a reviewer approved, as one keyed hash: the inputs of the plan and every value that it writes. Values that
 * only the provider computes (unknown until apply, refreshed without being written, the plan's own time) do not
 * count, so that the same plan made again has the same digest.
 */
export const planDigest = (input: DigestInput): PlanDigest => {
  const parts: Record<string, string> = {};
  for (const [name, values] of Map.groupBy(allEntries(input), (entry) => entry.name)) {
    parts[name] = mac(input.key, canonicalJson([name, ...values.map((entry) => entry.value)]));
  }
  return { digest: `pd1:${mac(input.key, canonicalJson(parts))}`, parts };
};

const allEntries = (input: DigestInput): readonly DigestEntry[] => [
  { name: "engine", value: [input.engine.distribution, input.engine.version] },
  { name: "lock-file", value: input.lockFile },
  { name: "inputs", value: input.inputTree },
  { name: "flags", value: [...input.flags] },
  { name: "provisioners", value: provisionersIn(input.plan.configuration?.["root_module"]) },
  ...Object.entries(input.variables).map(([name, value]) => ({ name: `variable:${name}`, value })),
  ...writtenEntries(input.plan).filter((entry) => !isIgnored(entry, input)),
];

const mac = (key: Uint8Array, text: string): string => createHmac("sha256", key).update(text).digest("hex");

/** `resource_changes` is silent about provisioners, so they are read from the configuration, modules included. */
const provisionersIn = (value: Json | undefined): Json => {
  const found: Json[] = [];
  const visit = (node: Json | undefined, place: string): void => {
    if (!isJsonObject(node)) return;
    for (const resource of objectsIn(node["resources"])) {
      const own = resource["provisioners"];
      if (own !== undefined) found.push([place, resource["address"] ?? null, own]);
    }
    const calls = isJsonObject(node["module_calls"]) ? node["module_calls"] : {};
    for (const name of Object.keys(calls).sort()) {
      const call = calls[name];
      visit(isJsonObject(call) ? call["module"] : undefined, `${place}.${name}`);
    }
  };
  visit(value, "");
  return found;
};

const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

const isIgnored = (entry: DigestEntry, input: DigestInput): boolean => {
  const { place } = entry;
  if (entry.name.startsWith("output:") && input.ignore.includes(entry.name)) return true;
  if (place === undefined || place.path.length === 0) return false;
  if (input.catalogue?.types.get(place.type)?.stateful === true) return false;
  return input.ignore.some((rule) => {
    const colon = rule.indexOf(":");
    const path = parsePath(rule.slice(colon + 1));
    const covers = path?.every((step, index) => step === place.path[index]) ?? false;
    return covers && path!.length > 0 && rule.slice(0, colon) === place.address;
  });
};

/** Where two digests differ, as people read it: `engine`, `variable:size`, `aws_s3_bucket.logs.tags.env`. */
export const compareDigests = (
  reviewed: Readonly<Record<string, string>>,
  fresh: PlanDigest,
): { readonly equal: boolean; readonly paths: readonly string[] } => {
  const names = new Set([...Object.keys(reviewed), ...Object.keys(fresh.parts)]);
  const paths = [...names].filter((name) => reviewed[name] !== fresh.parts[name]).map(readable);
  return { equal: paths.length === 0, paths: [...new Set(paths)].sort() };
};

const readable = (name: string): string => {
  if (!name.startsWith("[")) return name;
  const [address, path, deposed] = JSON.parse(name) as [string, string, string?];
  const whole = path === "" || path.startsWith("[") ? `${address}${path}` : `${address}.${path}`;
  return deposed === undefined ? whole : `${whole} (deposed ${deposed})`;
};
