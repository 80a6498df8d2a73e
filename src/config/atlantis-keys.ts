/** What becomes of a key of Atlantis's files. */
export type AtlantisFate =
  /** It goes over with its meaning. */
  | "same"
  /** It goes over, or is there in another form; the note says what differs. */
  | "changed"
  /** Nothing is needed here; the note says why. */
  | "unneeded"
  /** It is not carried over; the note says why, and what to do instead. */
  | "lost";

export interface AtlantisKey {
  readonly fate: AtlantisFate;
  /** Plumbline's key, variable or command; left out where there is none. */
  readonly to?: string;
  /** Left out only where the fate is `same`. */
  readonly note?: string;
}

export type AtlantisKeys = Readonly<Record<string, AtlantisKey>>;

const CUSTOM_STEPS =
  "Plumbline runs no custom steps: it plans and applies with its own, so that what was reviewed is what is applied. `-var-file` of a plan step becomes `var_files`.";
const POLICIES =
  "Policies come from the server's file (`policies.sets`), where a pull request cannot change them. Rego for conftest runs as it is.";
const WHOLE =
  "It holds for a pull request as a whole here: set it at the top of `plumbline.yaml`, where all of its projects agree.";
const SILENCED: AtlantisKey = {
  fate: "changed",
  to: "silence_pr_comments",
  note: "What failed, was stopped, meets drift or takes something away is told all the same.",
};
const TIDIED: AtlantisKey = {
  fate: "changed",
  to: "delete_source_branch_on_merge",
  note: "After a merge by `automerge`; never a fork's branch, nor one that was pushed to since or that another pull request needs.",
};

/** Every key of a repository's atlantis.yaml, version 2 and 3; lists are written `[]`, free names `*`. */
export const ATLANTIS_KEYS: AtlantisKeys = {
  version: { fate: "changed", to: "version", note: "Plumbline's files have version 1." },
  automerge: {
    fate: "changed",
    to: "automerge",
    note: "Merged once every project is applied by comment and verified, and the forge and `apply_requirements` allow it. With `apply: on_merge` the merge itself applies.",
  },
  delete_source_branch_on_merge: TIDIED,
  parallel_plan: {
    fate: "changed",
    to: "parallel_plan",
    note: "On where left out. Workspaces that wait for each other never run at once, and no more than `concurrency.runs` and `accounts` of the server allow.",
  },
  parallel_apply: {
    fate: "changed",
    to: "parallel_apply",
    note: "As for `parallel_plan`; `depends_on` and `execution_order_group` hold for both.",
  },
  projects: { fate: "same", to: "workspaces" },
  "projects[].name": { fate: "same", to: "workspaces[].project" },
  "projects[].branch": { fate: "same", to: "workspaces[].branch" },
  "projects[].dir": { fate: "same", to: "workspaces[].dir" },
  "projects[].workspace": { fate: "same", to: "workspaces[].name" },
  "projects[].workflow": { fate: "lost", to: "workspaces[].var_files", note: CUSTOM_STEPS },
  "projects[].terraform_distribution": { fate: "same", to: "workspaces[].engine.distribution" },
  "projects[].terraform_version": {
    fate: "changed",
    to: "workspaces[].engine.version",
    note: "Exactly this version is used, and it must be there: on the PATH, or as `~/.cache/plumbline/engines/terraform-VERSION/terraform`. Nothing is downloaded.",
  },
  "projects[].autoplan": { fate: "same", to: "workspaces[].autoplan" },
  "projects[].autoplan.enabled": { fate: "same", to: "workspaces[].autoplan" },
  "projects[].autoplan.when_modified": {
    fate: "changed",
    to: "workspaces[].when_modified",
    note: "Same patterns. Local modules, and files that the code reads, count besides without being listed.",
  },
  "projects[].plan_requirements": { fate: "same", to: "workspaces[].plan_requirements" },
  "projects[].apply_requirements": {
    fate: "changed",
    to: "workspaces[].apply_requirements",
    note: "`approved` counts approvals of this head and this plan alone, and never one by its author.",
  },
  "projects[].import_requirements": {
    fate: "lost",
    note: "There is no import beside the plan: `formalize ADDRESS --id ID` writes an `import` block, which is planned, reviewed and applied with `apply_requirements`.",
  },
  "projects[].depends_on": {
    fate: "changed",
    to: "workspaces[].depends_on",
    note: "Names of other projects, as before; what is applied first is checked over pull requests too. A name that leads nowhere is left out.",
  },
  "projects[].delete_source_branch_on_merge": { fate: "lost", note: WHOLE },
  "projects[].repo_locking": { fate: "same", to: "workspaces[].lock" },
  "projects[].repo_locks": { fate: "same", to: "workspaces[].lock" },
  "projects[].repo_locks.mode": { fate: "same", to: "workspaces[].lock" },
  "projects[].execution_order_group": { fate: "same", to: "workspaces[].execution_order_group" },
  "projects[].policy_check": {
    fate: "lost",
    note: "No repository can leave policies out. `policies.sets[].repos` says where a set judges, its `exceptions` what is let pass.",
  },
  "projects[].custom_policy_check": {
    fate: "lost",
    note: "Rego alone is asked. Run another tool in CI, as a required check of its own.",
  },
  "projects[].silence_pr_comments": { fate: "lost", note: WHOLE },
  workflows: { fate: "lost", to: "workspaces[].var_files", note: CUSTOM_STEPS },
  policies: { fate: "lost", to: "policies (server)", note: POLICIES },
  autodiscover: { fate: "same", to: "autodiscover" },
  "autodiscover.mode": {
    fate: "same",
    to: "autodiscover.enabled",
    note: "`auto` is what holds where the key is left out: root modules are found where none is listed.",
  },
  "autodiscover.ignore_paths": { fate: "same", to: "autodiscover.ignore_paths" },
  emoji_reaction: { fate: "unneeded", note: "A command that is taken gets an `eyes` reaction, always." },
  allowed_regexp_prefixes: {
    fate: "lost",
    note: "`-p` names one project exactly. `plumbline plan` alone plans all that the pull request touches.",
  },
  abort_on_execution_order_fail: {
    fate: "unneeded",
    note: "What depends on a failed workspace is never applied here.",
  },
  repo_locks: { fate: "same", to: "defaults.lock" },
  "repo_locks.mode": { fate: "same", to: "defaults.lock" },
  silence_pr_comments: SILENCED,
};

/** Every key of Atlantis's server-side repo configuration (`--repo-config`). */
export const ATLANTIS_SERVER_KEYS: AtlantisKeys = {
  repos: {
    fate: "changed",
    to: "defaults",
    note: "What fits the repository goes into its own plumbline.yaml, where review sees it: the protected branch counts, never the pull request's word.",
  },
  "repos[].id": {
    fate: "changed",
    note: "Which entries fit is decided once, at the import: `--repo HOST/OWNER/NAME`. Without it only `/.*/` counts.",
  },
  "repos[].branch": { fate: "same", to: "defaults.branch" },
  "repos[].repo_config_file": {
    fate: "lost",
    note: "The file is `plumbline.yaml` in the root of the repository, always. Give the import that file by its name.",
  },
  "repos[].plan_requirements": { fate: "same", to: "defaults.plan_requirements" },
  "repos[].apply_requirements": {
    fate: "changed",
    to: "defaults.apply_requirements",
    note: "`approved` counts approvals of this head and this plan alone, and never one by its author.",
  },
  "repos[].import_requirements": {
    fate: "lost",
    note: "An import is an `import` block in a pull request, under `apply_requirements`.",
  },
  "repos[].pre_workflow_hooks": {
    fate: "lost",
    note: "No commands run before the plan. Generate files in CI and commit them; what generated atlantis.yaml is not needed, root modules are found.",
  },
  "repos[].post_workflow_hooks": {
    fate: "lost",
    note: "No commands run after it. Use alerts (`alerts.channels`), the API, or CI on the status `plumbline/plan`.",
  },
  "repos[].workflow": { fate: "lost", to: "defaults.var_files", note: CUSTOM_STEPS },
  "repos[].allowed_workflows": { fate: "unneeded", note: "There are no custom workflows." },
  "repos[].allow_custom_workflows": { fate: "unneeded", note: "There are no custom workflows." },
  "repos[].allowed_overrides": {
    fate: "changed",
    note: "A repository sets every key of plumbline.yaml itself. What loosens a gate counts once it is on the protected branch; what no repository may loosen stands in the server's file.",
  },
  "repos[].delete_source_branch_on_merge": TIDIED,
  "repos[].repo_locking": { fate: "same", to: "defaults.lock" },
  "repos[].repo_locks": { fate: "same", to: "defaults.lock" },
  "repos[].repo_locks.mode": { fate: "same", to: "defaults.lock" },
  "repos[].policy_check": {
    fate: "changed",
    to: "policies.sets[].repos",
    note: "A set judges every repository, or those that it names.",
  },
  "repos[].custom_policy_check": {
    fate: "lost",
    note: "Rego alone is asked. Run another tool in CI, as a required check of its own.",
  },
  "repos[].autodiscover": { fate: "same", to: "autodiscover" },
  "repos[].autodiscover.mode": { fate: "same", to: "autodiscover.enabled" },
  "repos[].autodiscover.ignore_paths": { fate: "same", to: "autodiscover.ignore_paths" },
  "repos[].silence_pr_comments": SILENCED,
  workflows: { fate: "lost", to: "var_files", note: CUSTOM_STEPS },
  policies: { fate: "changed", to: "policies (server)", note: "Sets go into the server's file." },
  "policies.conftest_version": {
    fate: "unneeded",
    note: "OPA is asked; conftest's rules, data and exceptions are understood.",
  },
  "policies.owners": { fate: "same", to: "policies.sets[].owners" },
  "policies.owners.users": { fate: "same", to: "policies.sets[].owners" },
  "policies.owners.teams": { fate: "same", to: "policies.sets[].owners", note: "Written `@ORG/TEAM`." },
  "policies.policy_sets": { fate: "same", to: "policies.sets" },
  "policies.policy_sets[].name": { fate: "same", to: "policies.sets[].name" },
  "policies.policy_sets[].path": { fate: "same", to: "policies.sets[].path" },
  "policies.policy_sets[].source": {
    fate: "changed",
    note: "`path` is a folder of the server; a repository is `repo`, `ref` and `folder`.",
  },
  "policies.policy_sets[].owners": { fate: "same", to: "policies.sets[].owners" },
  "policies.policy_sets[].owners.users": { fate: "same", to: "policies.sets[].owners" },
  "policies.policy_sets[].owners.teams": {
    fate: "same",
    to: "policies.sets[].owners",
    note: "Written `@ORG/TEAM`.",
  },
  "policies.policy_sets[].approve_count": { fate: "same", to: "policies.sets[].approvals" },
  "policies.policy_sets[].sticky_policy_approvals": {
    fate: "lost",
    note: "An approval is bound to head and plan, and asked for anew when either differs.",
  },
  "policies.policy_sets[].policy_item_regex": {
    fate: "unneeded",
    note: "It serves sticky approvals, which there are not.",
  },
  "policies.policy_sets[].prevent_self_approve": {
    fate: "unneeded",
    note: "Whoever wrote or last pushed a pull request never approves it.",
  },
  "policies.sticky_policy_approvals": {
    fate: "lost",
    note: "An approval is bound to head and plan, and asked for anew when either differs.",
  },
  "policies.policy_item_regex": {
    fate: "unneeded",
    note: "It serves sticky approvals, which there are not.",
  },
  "policies.approve_count": { fate: "same", to: "policies.sets[].approvals" },
  metrics: { fate: "changed", to: "/metrics", note: "Prometheus at `/metrics`, always." },
  "metrics.prometheus": { fate: "changed", to: "/metrics", note: "The path is fixed." },
  "metrics.prometheus.endpoint": { fate: "changed", to: "/metrics", note: "The path is fixed." },
  "metrics.statsd": {
    fate: "lost",
    note: "Nothing is sent by statsd; let an exporter read `/metrics`.",
  },
  "metrics.statsd.host": { fate: "lost", note: "As `metrics.statsd`." },
  "metrics.statsd.port": { fate: "lost", note: "As `metrics.statsd`." },
  team_authz: {
    fate: "lost",
    to: "command_permission",
    note: "No command is asked who may do what: comments take `command_permission` on the repository, pages and API the roles of `access.grants`.",
  },
  "team_authz.command": { fate: "lost", note: "As `team_authz`." },
  "team_authz.args": { fate: "lost", note: "As `team_authz`." },
  external_stores: { fate: "changed", to: "artifacts", note: "Encrypted before it leaves the service." },
  "external_stores.plan_store": { fate: "changed", to: "artifacts", note: "As `external_stores`." },
  "external_stores.plan_store.type": { fate: "same", to: "artifacts" },
  "external_stores.plan_store.s3": { fate: "same", to: "s3" },
  "external_stores.plan_store.s3.bucket": { fate: "same", to: "artifacts" },
  "external_stores.plan_store.s3.prefix": { fate: "same", to: "artifacts" },
  "external_stores.plan_store.s3.region": { fate: "same", to: "s3.region" },
  "external_stores.plan_store.s3.endpoint": { fate: "same", to: "s3.endpoint" },
  "external_stores.plan_store.s3.force_path_style": { fate: "same", to: "s3.path_style" },
  "external_stores.plan_store.s3.profile": {
    fate: "lost",
    note: "Credentials come as the AWS SDK finds them; set `AWS_PROFILE` for the service.",
  },
};
