import type { z } from "zod";
import type { ConfigProblem, Parsed, RepoConfig } from "../model/config.ts";
import { fromAtlantisYaml } from "./atlantis-file.ts";
import { type AtlantisYaml, atlantisSchema, atlantisShape } from "./atlantis-schema.ts";
import { governanceProblems } from "./governance.ts";
import { DEFAULT_REPO_CONFIG, fromPlumblineYaml } from "./plumbline-file.ts";
import { type PlumblineYaml, plumblineSchema, plumblineShape } from "./plumbline-schema.ts";
import { repoProblems } from "./repo-rules.ts";
import { type Salvaged, salvaged } from "./salvage.ts";
import { shapeProblems } from "./shape-problems.ts";
import { readYaml, type Shape, type YamlOptions } from "./yaml.ts";

export type RepoFile = "plumbline.yaml" | "atlantis.yaml";

/**
 * A repository's file, or everything that is wrong with it: keys, types and words, and what entries say about each
 * other (twice the same, dependencies that lead nowhere or in a circle). `path`, such as the
 * file's name, is put before the place of each problem. `dir` stays a glob until `mergeRepoConfig` has seen the files.
 */
export const parseRepoConfig = (
  text: string,
  { file, path }: { readonly file: RepoFile; readonly path?: string },
): Parsed<RepoConfig> => {
  const parsed = file === "plumbline.yaml" ? parsePlumbline(text) : parseAtlantis(text);
  if (parsed.ok || path === undefined) return parsed;
  return { ok: false, problems: parsed.problems.map((problem) => placed(problem, path)) };
};

/**
 * The two files of a repository together, as both lie on one branch; `null` for a file that is not there. Where both
 * are, atlantis.yaml is what plumbline.yaml is laid over, workspace by workspace and key by key, so that a repository
 * can keep its atlantis.yaml and put only what is new into plumbline.yaml.
 */
export const readRepoConfig = (files: Readonly<Record<RepoFile, string | null>>): Parsed<RepoConfig> => {
  const { "plumbline.yaml": own, "atlantis.yaml": atlantis } = files;
  if (own === null && atlantis === null) return { ok: true, value: DEFAULT_REPO_CONFIG };
  if (atlantis === null)
    return parseRepoConfig(own ?? "", { file: "plumbline.yaml", path: "plumbline.yaml" });
  const below = parseRepoConfig(atlantis, { file: "atlantis.yaml", path: "atlantis.yaml" });
  if (own === null) return below;
  const shaped = parseShape<PlumblineYaml>(own, plumblineSchema, plumblineShape);
  const problems = [
    ...(shaped.ok ? governanceProblems(shaped.value.governance ?? {}) : shaped.problems).map((problem) =>
      placed(problem, "plumbline.yaml"),
    ),
    ...(below.ok ? [] : below.problems),
  ];
  if (!shaped.ok || !below.ok || problems.length > 0) return { ok: false, problems };
  const base = shapedAtlantis(atlantis);
  if (!base.ok) return base;
  const translated = fromAtlantisYaml(base.value);
  return judged(
    {
      ...fromPlumblineYaml(overlaid(translated.yaml, shaped.value)),
      warnings: translated.warnings.map((warning) => placed(warning, "atlantis.yaml")),
    },
    "workspaces",
  );
};

const placed = ({ path, message }: ConfigProblem, file: string): ConfigProblem => ({
  path: path === "" ? file : `${file}: ${path}`,
  message,
});

const parsePlumbline = (text: string): Parsed<RepoConfig> => {
  const shaped = parseShape<PlumblineYaml>(text, plumblineSchema, plumblineShape);
  return shaped.ok
    ? governed(shaped.value, judged(fromPlumblineYaml(shaped.value), "workspaces"))
    : withSalvaged(shaped.problems, salvaged(text, "plumbline.yaml"), "workspaces");
};

const governed = (yaml: PlumblineYaml, parsed: Parsed<RepoConfig>): Parsed<RepoConfig> => {
  const problems = governanceProblems(yaml.governance ?? {});
  if (problems.length === 0) return parsed;
  return { ok: false, problems: parsed.ok ? problems : [...parsed.problems, ...problems] };
};

const shapedAtlantis = (text: string): Parsed<AtlantisYaml> =>
  parseShape<AtlantisYaml>(text, atlantisSchema, atlantisShape, { firstDocument: true });

const parseAtlantis = (text: string): Parsed<RepoConfig> => {
  const shaped = shapedAtlantis(text);
  if (!shaped.ok) return withSalvaged(shaped.problems, salvaged(text, "atlantis.yaml"), "projects");
  const { yaml, warnings } = fromAtlantisYaml(shaped.value);
  return judged({ ...fromPlumblineYaml(yaml), source: "atlantis.yaml", warnings }, "projects");
};

/** What entries say about each other is told beside what is wrong with some of them. */
const withSalvaged = (
  problems: readonly ConfigProblem[],
  rest: Salvaged | undefined,
  list: "workspaces" | "projects",
): Parsed<RepoConfig> => {
  const between = rest ? repoProblems(rest.config, list, rest.places) : [];
  const known = new Set(problems.map(({ path }) => path));
  return { ok: false, problems: [...problems, ...between.filter(({ path }) => !known.has(path))] };
};

const judged = (config: RepoConfig, list: "workspaces" | "projects"): Parsed<RepoConfig> => {
  const problems = repoProblems(config, list);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: config };
};

/** A YAML text as the schema has it, or what is wrong with it. An empty file is an empty mapping. */
export const parseShape = <T>(
  text: string,
  schema: z.ZodType<T>,
  shape: Shape,
  options: YamlOptions = {},
): Parsed<T> => {
  const read = readYaml(text, shape, options);
  if (!read.ok) return read;
  const value = read.value ?? {};
  const result = schema.safeParse(value);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, problems: shapeProblems(result.error, value, shape) };
};

const overlaid = (base: PlumblineYaml, over: PlumblineYaml): PlumblineYaml => {
  const left = [...(over.workspaces ?? [])];
  const workspaces = (base.workspaces ?? []).map((entry) => {
    const at = left.findIndex((other) => sameWorkspace(entry, other));
    return at === -1 ? entry : { ...entry, ...left.splice(at, 1)[0] };
  });
  return {
    ...base,
    ...over,
    defaults: { ...base.defaults, ...over.defaults },
    workspaces: [...workspaces, ...left] as NonNullable<PlumblineYaml["workspaces"]>,
    autodiscover: { ...base.autodiscover, ...over.autodiscover },
  };
};

type Entry = NonNullable<PlumblineYaml["workspaces"]>[number];

const sameWorkspace = (entry: Entry, other: Entry): boolean =>
  entry.dir.replace(/^\.?\/+|\/+$/g, "") === other.dir.replace(/^\.?\/+|\/+$/g, "") &&
  (entry.name ?? "default") === (other.name ?? "default") &&
  (other.project === undefined || other.project === entry.project);
