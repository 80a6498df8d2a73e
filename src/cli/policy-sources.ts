import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { defaultCacheDir } from "../adapters/engine-find.ts";
import { createLog } from "../adapters/log.ts";
import { createPolicyEngine } from "../adapters/opa.ts";
import { readPolicyFolder } from "../adapters/policy-files.ts";
import { createRedactor } from "../adapters/redactor.ts";
import { parseDuration } from "../config/duration.ts";
import { PlumblineError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import type { PolicyBundle, PolicyFile } from "../model/policy.ts";
import { dataOf, mergeData, namedData } from "../policy/bundle.ts";
import type { PolicyEngine } from "../ports/policy.ts";
import { type Call, textOption } from "./command.ts";

/** An OPA for one command; progress of a build goes to stderr. It is stopped when `work` is done. */
export const withPolicyEngine = async <T>(
  call: Call,
  work: (engine: PolicyEngine) => Promise<T>,
): Promise<T> => {
  const redactor = createRedactor();
  const engine = createPolicyEngine({
    path: call.env["PLUMBLINE_OPA"] ?? null,
    env: call.env,
    cacheDir: defaultCacheDir(call.env),
    log: createLog({ redactor, level: "info", write: call.err }),
  });
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
};

export interface PlacedBundle extends PolicyBundle {
  /** Text of a file below one of the folders, by its path as that of a module; null where there is none. */
  readonly read: (path: string) => Promise<string | null>;
}

/** Folders and data files that a command names, as one bundle; paths in messages are as they were given. */
export const bundleFrom = async (
  call: Call,
  folders: readonly string[],
  dataFiles: readonly string[],
): Promise<PlacedBundle> => {
  const files: PolicyFile[] = [];
  const places: (readonly [prefix: string, folder: string])[] = [];
  let data: JsonObject = {};
  for (const [index, folder] of folders.entries()) {
    const found = await readPolicyFolder(resolve(call.cwd, folder));
    const single = (await stat(resolve(call.cwd, folder))).isFile();
    const prefix = single ? "" : `${prefixFor(call.cwd, folder, index)}/`;
    places.push([prefix, resolve(call.cwd, single ? dirname(folder) : folder)]);
    data = mergeData(data, namedData(found));
    files.push(
      ...found
        .filter(({ path }) => path.endsWith(".rego"))
        .map(({ path, text }) => ({ path: `${prefix}${path}`, text })),
    );
  }
  for (const name of dataFiles) data = mergeData(data, await dataFile(call, name));
  return { files, data, read: (path) => readBelow(places, path) };
};

const readBelow = async (
  places: readonly (readonly [prefix: string, folder: string])[],
  path: string,
): Promise<string | null> => {
  const [prefix, folder] = places.find(([start]) => path.startsWith(start)) ?? [];
  if (prefix === undefined || folder === undefined) return null;
  const root = await realpath(folder);
  const file = await realpath(resolve(folder, path.slice(prefix.length))).catch(() => null);
  return file?.startsWith(`${root}/`) ? readFile(file, "utf8") : null;
};

// Outside of this folder a path has steps up, which no bundle may hold.
const prefixFor = (cwd: string, folder: string, index: number): string => {
  const path = relative(cwd, resolve(cwd, folder));
  if (path !== "" && !path.startsWith("..")) return path;
  const name = basename(resolve(cwd, folder)) || "policies";
  return index === 0 ? name : `${name}-${index + 1}`;
};

const dataFile = async (call: Call, name: string): Promise<JsonObject> => {
  const text = await readFile(resolve(call.cwd, name), "utf8").catch((cause) => {
    throw new PlumblineError("policy-invalid", `There is no data file ${name}.`, {
      cause,
      hint: "Check the file's name.",
    });
  });
  return dataOf({ path: name, text });
};

/** `--timeout 30s` in milliseconds. */
export const timeoutOption = (call: Call): { readonly timeoutMs?: number } => {
  const text = textOption(call, "timeout");
  if (text === undefined) return {};
  const timeoutMs = parseDuration(text);
  if (timeoutMs === undefined)
    throw new PlumblineError("wrong-arguments", `--timeout takes a time such as 30s or 2m, not ${text}.`);
  return { timeoutMs };
};
