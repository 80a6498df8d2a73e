import { fromAtlantisYaml } from "./atlantis-file.ts";
import type { Settings } from "./atlantis-import-flags.ts";
import type { AtlantisYaml } from "./atlantis-schema.ts";
import type { AtlantisServerRepo } from "./atlantis-server.ts";
import type { AtlantisWorkflows, WorkflowTold } from "./atlantis-workflows.ts";
import type { WorkspaceYaml } from "./plumbline-schema.ts";

export interface RepositoryParts {
  /** atlantis.yaml as it was written, its keys in their order. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly yaml: AtlantisYaml;
  /** What the server's file says of this repository. */
  readonly server: Partial<AtlantisServerRepo>;
  /** Keys of plumbline.yaml that the server's flags stand for; all else goes over them. */
  readonly flags: Settings;
  readonly serverWorkflows: AtlantisWorkflows["workflows"];
}

export interface RepositoryRead {
  /** plumbline.yaml as plain values, in the order in which it is written. */
  readonly settings: Settings;
  readonly told: readonly WorkflowTold[];
}

/** One repository's part of what Atlantis was told, in the words of plumbline.yaml. */
export const repositorySettings = (parts: RepositoryParts): RepositoryRead => {
  const { yaml, raw, server, flags } = parts;
  const { yaml: own, steps } = fromAtlantisYaml(yaml, {
    workflows: parts.serverWorkflows,
    workflow: server.workflow,
  });
  const workspaces = (own.workspaces ?? []).map((entry, index) =>
    workspaceSettings(entry, keysOf(raw, index)),
  );
  const { defaults: flagged, ...top } = flags;
  const discovery = { ...mapping(top["autodiscover"]), ...discoveryOf(server), ...discoveryOf(yaml) };
  const lists = [...Object.keys(raw).map((key) => TOP[key] ?? key), "workspaces"];
  const settings = {
    ...top,
    ...pick(server, ["delete_source_branch_on_merge", "silence_pr_comments"]),
    ...pick(own, SIMPLE),
    ...(Object.keys(discovery).length > 0 ? { autodiscover: discovery } : {}),
    ...(workspaces.length > 0 ? { workspaces } : {}),
  };
  return {
    settings: {
      version: 1,
      defaults: { ...APPLY_FIRST, ...mapping(flagged), ...defaultsOf(server), ...own.defaults },
      ...inOrder(settings, lists),
    },
    told: steps,
  };
};

/** Written first. */
const APPLY_FIRST = { apply: undefined };
const TOP: Readonly<Record<string, string>> = { projects: "workspaces" };
const SIMPLE = [
  "automerge",
  "parallel_plan",
  "parallel_apply",
  "delete_source_branch_on_merge",
  "silence_pr_comments",
];

const mapping = (value: unknown): Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : {};

const pick = (from: Readonly<Record<string, unknown>>, keys: readonly string[]): Settings =>
  Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));

const inOrder = (settings: Settings, keys: readonly string[]): Settings => ({
  ...pick(settings, keys),
  ...settings,
});

const discoveryOf = ({ autodiscover }: Pick<AtlantisYaml, "autodiscover">): Settings => ({
  ...(autodiscover?.mode === "enabled" || autodiscover?.mode === "disabled"
    ? { enabled: autodiscover.mode === "enabled" }
    : {}),
  ...(autodiscover?.ignore_paths?.length ? { ignore_paths: autodiscover.ignore_paths } : {}),
});

const defaultsOf = (server: Partial<AtlantisServerRepo>): Settings => ({
  ...pick(server, ["plan_requirements", "apply_requirements", "branch"]),
  ...pick({ lock: server.repo_locks?.mode ?? (server.repo_locking === false ? "disabled" : undefined) }, [
    "lock",
  ]),
});

const keysOf = (raw: Readonly<Record<string, unknown>>, index: number): readonly string[] => {
  const list = raw["projects"];
  return Object.keys(mapping(Array.isArray(list) ? list[index] : undefined));
};

const workspaceSettings = (
  { terraform_version, terraform_distribution, ...entry }: WorkspaceYaml,
  keys: readonly string[],
): Settings => {
  const engine = pick({ distribution: terraform_distribution, version: terraform_version }, [
    "distribution",
    "version",
  ]);
  const settings = {
    ...pick(entry, Object.keys(entry)),
    ...(Object.keys(engine).length > 0 ? { engine } : {}),
  };
  return inOrder(
    settings,
    keys.flatMap((key) => PROJECT[key] ?? key),
  );
};

const PROJECT: Readonly<Record<string, string | readonly string[]>> = {
  name: "project",
  workspace: "name",
  terraform_version: "engine",
  terraform_distribution: "engine",
  autoplan: ["autoplan", "when_modified"],
  repo_locks: "lock",
  repo_locking: "lock",
  workflow: "var_files",
};
