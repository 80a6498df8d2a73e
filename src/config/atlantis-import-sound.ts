import { stringify } from "yaml";
import type { z } from "zod";
import type { ConfigProblem, Parsed } from "../model/config.ts";
import type { Settings } from "./atlantis-import-flags.ts";
import { type AtlantisTold, inFile, placed, type ToldSource } from "./atlantis-told.ts";
import { parseRepoConfig, parseShape } from "./repo-config.ts";
import type { Shape } from "./yaml.ts";

/** The settings without what their schema refuses, which is told. */
export const sound = <T>(
  settings: Settings,
  schema: z.ZodType<T>,
  shape: Shape,
  around: Settings,
  { file, told }: { readonly file: string; readonly told: AtlantisTold[] },
): Settings => {
  let kept = settings;
  for (let tries = 0; tries < 20; tries += 1) {
    const parsed = parseShape(stringify({ ...around, ...kept }), schema, shape);
    if (parsed.ok || parsed.problems.length === 0) return kept;
    for (const { path, message } of parsed.problems) {
      const note = `${path} cannot be set so: ${message}`;
      told.push({ file, key: path, count: 1, line: null, column: null, fate: "lost", to: null, note });
      kept = without(
        kept,
        path.split(/[.[\]]+/).filter((step) => step !== ""),
      );
    }
  }
  return {};
};

const without = (from: Settings, [first = "", ...rest]: readonly string[]): Settings => {
  const inner = from[first];
  const others = Object.fromEntries(Object.entries(from).filter(([key]) => key !== first));
  const deeper = rest.length > 0 && typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return deeper ? { ...from, [first]: without(inner as Settings, rest) } : others;
};

/**
 * The text, once it loads. Atlantis passes over a `depends_on` that leads nowhere; here it is a problem, so that it is
 * left out and told.
 */
export const loadable = (
  settings: Settings,
  own: ToldSource,
  told: AtlantisTold[],
): Parsed<{ readonly plumbline: string; readonly workspaces: number }> => {
  for (;;) {
    const text = `${HEAD}${stringify(settings, LONG_LINES)}`;
    const parsed = parseRepoConfig(text, { file: "plumbline.yaml" });
    if (parsed.ok)
      return { ok: true, value: { plumbline: text, workspaces: parsed.value.workspaces.length } };
    const nowhere = parsed.problems.filter(({ path }) => NOWHERE.test(path));
    if (nowhere.length === 0 || !dropDependencies(settings, nowhere)) {
      const place = own.file === "" ? "plumbline.yaml" : `${own.file}, written as plumbline.yaml`;
      return { ok: false, problems: parsed.problems.map((one) => inFile(one, place)) };
    }
    for (const { path, message } of nowhere) {
      const key = path.replace("workspaces", "projects");
      told.push({ ...placed(own, key), fate: "changed", to: null, note: `Left out. ${message}` });
    }
  }
};

const HEAD =
  "# Written by `plumbline config import-atlantis`. `apply: on_comment` is Atlantis's way; `on_merge` applies what was\n# reviewed once it is merged.\n";
const NOWHERE = /^workspaces\[(\d+)\]\.depends_on\[(\d+)\]$/;

/** Whether something was taken out. */
const dropDependencies = (settings: Settings, problems: readonly ConfigProblem[]): boolean => {
  const workspaces = settings["workspaces"];
  if (!Array.isArray(workspaces)) return false;
  for (const { path } of problems.toReversed()) {
    const [, index, position] = NOWHERE.exec(path) ?? [];
    const workspace = workspaces[Number(index)] as Settings;
    const names = workspace["depends_on"];
    if (!Array.isArray(names)) return false;
    const left = names.filter((_, at) => at !== Number(position));
    if (left.length > 0) workspace["depends_on"] = left;
    else delete workspace["depends_on"];
  }
  return true;
};

export const LONG_LINES = { lineWidth: 0 };
