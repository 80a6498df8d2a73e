import { createHash } from "node:crypto";
import { isModuleFile } from "../hcl/module.ts";
import type { PlanGatePolicy, PlanHold } from "../model/plan-gate.ts";
import { surfaceOf } from "./plan-surface.ts";
import type { CodeFolder, SurfaceItem } from "./surface-item.ts";

/** What the protected branch has already: it was merged by people who may, and is planned every day. */
export interface Standing {
  readonly keys: ReadonlySet<string>;
  /** Stores of states, and each state's place with its root folder. */
  readonly stores: ReadonlySet<string>;
  readonly places: ReadonlyMap<string, string>;
  /** Root folders with code. */
  readonly folders: ReadonlySet<string>;
}

export interface BeforePlan {
  /** The head's folders that the workspace is made of, its root first. */
  readonly folders: readonly CodeFolder[];
  readonly standing: Standing;
  /** Paths that differ between the protected branch and the head. */
  readonly changed: readonly string[];
  readonly policy: PlanGatePolicy;
}

export const standingOf = (folders: readonly CodeFolder[]): Standing => {
  const keys = new Set<string>();
  const stores = new Set<string>();
  const places = new Map<string, string>();
  for (const folder of folders) {
    for (const { key, check, state } of surfaceOf(folder)) {
      keys.add(key);
      if (state) stores.add(state.family);
      if (state && check === "backend") places.set(state.place, folder.dir);
    }
  }
  return { keys, stores, places, folders: new Set(folders.map(({ dir }) => dir)) };
};

/**
 * What the head would start, reach or read when it is planned and the protected branch does not: judged by the text
 * alone, before any engine runs. It is a filter for what people can see in a review, no sandbox: a trusted module or
 * provider of a trusted publisher may do all this by itself.
 */
export const holdsBeforePlan = (input: BeforePlan): readonly PlanHold[] => {
  const found = new Map<string, PlanHold>();
  const [root] = input.folders;
  for (const folder of input.folders) {
    for (const item of surfaceOf(folder)) {
      const why = reason(item, folder === root, input);
      const hold = why === null ? null : holdOf(item, why, folder, input.policy);
      if (hold) found.set(`${hold.path}:${hold.key}`, hold);
    }
  }
  const lost = root && lostBackend(root, input);
  if (lost) found.set(lost.key, lost);
  return [...found.values()].toSorted(
    (left, right) => left.path.localeCompare(right.path) || (left.line ?? 0) - (right.line ?? 0),
  );
};

/** Why an item holds the plan up; null where it does not. */
const reason = (item: SurfaceItem, inRoot: boolean, input: BeforePlan): string | null => {
  const { standing, policy } = input;
  if (item.check === "backend" && item.state) return inRoot ? backendReason(item.state, input) : null;
  if (item.check === "remote_state" && item.state && standing.stores.has(item.state.family)) return null;
  if (isAllowed(item, policy)) return null;
  if (!standing.keys.has(item.key)) return "new";
  return item.runs ? otherwiseRun(item.runs, input) : null;
};

const backendReason = (
  { family, place }: NonNullable<SurfaceItem["state"]>,
  { folders: [root], standing }: BeforePlan,
): string | null => {
  const owner = standing.places.get(place);
  if (owner !== undefined) return owner === root?.dir ? null : `it holds the state of ${owner}`;
  if (root && standing.folders.has(root.dir)) return "another one than before";
  return standing.stores.has(family) ? null : "new";
};

const isAllowed = ({ check, source }: SurfaceItem, policy: PlanGatePolicy): boolean => {
  if (source === undefined || source.includes("..")) return false;
  if (check === "providers") return policy.allowProviders.some((pattern) => matches(pattern, source));
  return check === "modules" && policy.allowModules.some((pattern) => matches(pattern, source));
};

const matches = (pattern: string, source: string): boolean => {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "is").test(source);
};

/** The same text runs something else when its program or the values that it is made of change. */
const otherwiseRun = (
  { words, open }: NonNullable<SurfaceItem["runs"]>,
  { folders, changed }: BeforePlan,
): string | null => {
  const near = changed.filter((path) => folders.some(({ dir }) => dir === "." || path.startsWith(`${dir}/`)));
  const code = near.find(isCode);
  if (open && code !== undefined) return `it takes values from elsewhere, and ${code} changes`;
  const named = new Set(words.flatMap((word) => word.split(/[\s/;|&=]+/)).filter((word) => word !== ""));
  const program =
    near.find((path) => !isCode(path) && !/\.(md|lock\.hcl)$/.test(path)) ??
    changed.find((path) => named.has(path.slice(path.lastIndexOf("/") + 1)));
  return program === undefined ? null : `it may run ${program}, which changes`;
};

const isCode = (path: string): boolean => isModuleFile(path) || /\.tfvars(\.json)?$/.test(path);

const holdOf = (
  item: SurfaceItem,
  why: string,
  { files }: CodeFolder,
  policy: PlanGatePolicy,
): PlanHold | null => {
  const verdict = policy.checks[item.check];
  if (verdict === "allow") return null;
  const text = files.find(({ path }) => path === item.path)?.text ?? "";
  const line = item.start === null ? (item.line ?? null) : text.slice(0, item.start).split("\n").length;
  const message = item.check === "unreadable" ? item.what : `${item.what}: ${why}`;
  return {
    check: item.check,
    verdict,
    path: item.path,
    line,
    message,
    key: keyOf(item.check, item.key, why),
  };
};

/** Without its backend a root would be planned against an empty state beside the code. */
const lostBackend = (root: CodeFolder, { standing, policy }: BeforePlan): PlanHold | null => {
  const verdict = policy.checks.backend;
  if (verdict === "allow" || surfaceOf(root).some(isBackend)) return null;
  if (![...standing.places.values()].includes(root.dir)) return null;
  const message = "the backend of this folder is gone";
  return {
    check: "backend",
    verdict,
    path: root.dir,
    line: null,
    message,
    key: keyOf("backend", root.dir, message),
  };
};

const isBackend = ({ check, state }: SurfaceItem): boolean => check === "backend" && state !== undefined;

const keyOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
