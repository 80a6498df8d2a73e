import type { DriftConfig, WorkspaceConfig, WorkspaceDefaults } from "../model/config.ts";
import { databaseOf } from "./database-schema.ts";
import { hasGlob } from "./dir-glob.ts";
import { parseDuration } from "./duration.ts";
import { endOfDate } from "./leaf-rules.ts";
import { cleanPath } from "./paths.ts";
import type { DefaultsYaml, WorkspaceYaml } from "./plumbline-schema.ts";
import { exactly } from "./safe-regex.ts";

/** What counts as an input of a workspace where its configuration says nothing: the patterns that Atlantis has. */
export const DEFAULT_WHEN_MODIFIED: readonly string[] = [
  "**/*.tf*",
  "**/*.tofu",
  "**/*.tofu.json",
  "**/terragrunt.hcl",
  "**/.terraform.lock.hcl",
];
const MIGRATION_WHEN_MODIFIED: readonly string[] = [
  "**/*.sql",
  "**/*.SQL",
  "**/*.sql.conf",
  "**/*.sql.compensate",
  "**/migration-metadata.yaml",
  // Backfills, changelogs of Liquibase, and settings of both tools. These patterns know no braces.
  ...["xml", "yaml", "yml", "json", "properties", "toml", "conf"].map((ending) => `**/*.${ending}`),
];

/** What a workspace is when no file says anything about it. */
export const BUILT_IN_DEFAULTS: WorkspaceDefaults = {
  kind: "terraform",
  engine: {},
  varFiles: [],
  whenModified: DEFAULT_WHEN_MODIFIED,
  autoplan: true,
  apply: "on_merge",
  lock: "on_plan",
  schedule: null,
  drift: { ignore: [] },
  dependsOn: [],
  executionOrderGroup: 0,
  planRequirements: [],
  applyRequirements: [],
  owners: [],
  digestIgnore: [],
  branch: null,
};

/** The given defaults with what the `defaults:` of a file, or one of its entries, says over them. */
export const withEntry = (base: WorkspaceDefaults, entry: DefaultsYaml): WorkspaceDefaults => ({
  ...base,
  kind: entry.kind ?? base.kind,
  engine: engineOf(base, entry),
  varFiles: entry.var_files ?? base.varFiles,
  whenModified: whenModifiedOf(base, entry),
  autoplan: autoplanOf(entry) ?? base.autoplan,
  apply: entry.apply ?? base.apply,
  lock: entry.lock ?? base.lock,
  schedule: entry.schedule ?? base.schedule,
  drift: driftOf(base, entry),
  ...(entry.database ? { database: databaseOf(base.database, entry.database) } : {}),
  executionOrderGroup: entry.execution_order_group ?? base.executionOrderGroup,
  planRequirements: entry.plan_requirements ?? base.planRequirements,
  applyRequirements: entry.apply_requirements ?? base.applyRequirements,
  owners: entry.owners ?? base.owners,
  digestIgnore: entry.digest_ignore ?? base.digestIgnore,
  branch: entry.branch === undefined ? base.branch : branchOf(entry.branch),
});

/** One entry of `workspaces:`, every default filled in. Its `dir` stays a glob where it is one. */
export const workspaceOf = (base: WorkspaceDefaults, entry: WorkspaceYaml): WorkspaceConfig => ({
  ...withEntry(base, entry),
  dir: hasGlob(entry.dir) ? entry.dir.replace(/^\.?\//, "") : dirOf(entry.dir),
  name: entry.name || "default",
  project: entry.project ?? null,
  dependsOn: entry.depends_on ?? [],
});

/** A leading slash means the repository's root, as Atlantis has it. */
export const dirOf = (dir: string): string => cleanPath(dir.replace(/^\/+/, ""));

const engineOf = (base: WorkspaceDefaults, entry: DefaultsYaml): WorkspaceDefaults["engine"] => {
  const distribution = entry.engine?.distribution ?? entry.terraform_distribution;
  const version = entry.engine?.version ?? entry.terraform_version;
  const timeout = entry.engine?.timeout === undefined ? undefined : parseDuration(entry.engine.timeout);
  return {
    ...base.engine,
    ...(distribution && { distribution: distribution === "terraform" ? "terraform" : "tofu" }),
    ...(version && { version: version.replace(/^v/, "") }),
    ...(timeout && { timeoutSeconds: timeout / 1000 }),
  };
};

const whenModifiedOf = (base: WorkspaceDefaults, entry: DefaultsYaml): readonly string[] => {
  const nested = typeof entry.autoplan === "object" ? entry.autoplan.when_modified : undefined;
  const given = entry.when_modified ?? nested;
  if (given) return given;
  const untouched = base.whenModified === DEFAULT_WHEN_MODIFIED;
  return entry.kind === "postgres-migrations" && untouched ? MIGRATION_WHEN_MODIFIED : base.whenModified;
};

// `autoplan:` with patterns and without `enabled` is on, as in Atlantis.
const autoplanOf = ({ autoplan }: DefaultsYaml): boolean | undefined =>
  typeof autoplan === "object" ? (autoplan.enabled ?? true) : autoplan;

const driftOf = (base: WorkspaceDefaults, { drift }: DefaultsYaml): DriftConfig => ({
  ignore: [
    ...base.drift.ignore,
    ...(drift?.ignore ?? []).map(({ target, until, reason }) => ({
      target,
      until: until === undefined ? null : (endOfDate(until) ?? null),
      reason: reason ?? "",
    })),
  ],
});

const branchOf = (text: string): string => (text.startsWith("/") ? text.slice(1, -1) : exactly(text));
