import { parse } from "yaml";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { PolicyBundle, PolicyFile } from "../model/policy.ts";
import { type RegoModule, readRego } from "./rego-text.ts";

/** A bundle read for OPA: modules with their dialects, and all data in one document. */
export interface ReadBundle {
  readonly modules: readonly (PolicyFile & RegoModule)[];
  readonly data: JsonObject;
}

/**
 * Reads a bundle's files: `*.rego`, and `data.json`, `data.yaml` or `data.yml`, whose folder says where their content
 * lies below `data`. Other files are no part of it. Throws `policy-invalid`, naming the file.
 */
export const readBundle = ({ files, data = {} }: PolicyBundle): ReadBundle => {
  const modules = files
    .filter(({ path }) => path.endsWith(".rego"))
    .map((file) => ({ ...file, ...readRego(file.text) }));
  if (modules.length === 0)
    throw new PlumblineError("policy-invalid", "There is no .rego file in the policy folder.");
  return { modules, data: mergeData(namedData(files), data) };
};

/** The content of all data files, each below the folders that it lies in. Throws `policy-invalid`. */
export const namedData = (files: readonly PolicyFile[]): JsonObject => {
  let merged: JsonObject = {};
  for (const file of files.filter(({ path }) => DATA_FILE.test(path))) {
    const steps = file.path.split("/").slice(0, -1);
    const placed = steps.reduceRight<JsonObject>((inner, step) => ({ [step]: inner }), dataOf(file));
    merged = mergeData(merged, placed);
  }
  return merged;
};

const DATA_FILE = /(^|\/)data\.(json|ya?ml)$/;

/** The object that a JSON or YAML file holds. Throws `policy-invalid`. */
export const dataOf = ({ path, text }: PolicyFile): JsonObject => {
  try {
    const value = parse(text) as Json;
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new PlumblineError("policy-invalid", `${path}: ${(cause as Error).message}`, { cause });
  }
  throw new PlumblineError(
    "policy-invalid",
    `${path} holds no object, so its content has no name below data.`,
  );
};

/** Objects are merged; elsewhere the later one wins. */
export const mergeData = (left: JsonObject, right: JsonObject): JsonObject => {
  const merged: JsonObject = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isJsonObject(before) && isJsonObject(value) ? mergeData(before, value) : value;
  }
  return merged;
};

/** The files of an OPA bundle; its manifest gives each module its dialect. */
export const bundleFiles = ({ modules, data }: ReadBundle): readonly PolicyFile[] => [
  ...modules.map(({ path, text }) => ({ path, text })),
  { path: "data.json", text: JSON.stringify(data) },
  {
    path: ".manifest",
    text: JSON.stringify({
      roots: [""],
      rego_version: 1,
      file_rego_versions: Object.fromEntries(modules.map(({ path, version }) => [`/${path}`, version])),
    }),
  },
];
