import type { AtlantisKey, AtlantisKeys } from "./atlantis-keys.ts";

/** Where a flag's value goes: a key of the server's file, a key of plumbline.yaml, or a variable (for secrets). */
export type FlagTarget =
  | { readonly in: "server" | "repository"; readonly at: readonly string[]; readonly read: FlagReading }
  | { readonly in: "variable"; readonly name: string };

export type FlagReading =
  | "text"
  | "number"
  | "switch"
  | "list"
  | "off"
  | "github-api"
  | "gitea-api"
  | "repositories"
  | "discovery"
  | "level";

type Carried = readonly [name: string, to: string, read: FlagReading | "variable", note?: string];

/** Flags whose value is carried over. `~` before the target means plumbline.yaml. */
const CARRIED: readonly Carried[] = [
  ["atlantis-url", "public_url", "text"],
  ["port", "listen.port", "number"],
  ["log-level", "log_level", "level"],
  [
    "repo-allowlist",
    "repo_allowlist",
    "repositories",
    "Without the host: one service serves one forge. `*` and `!` have no counterpart: name the owners.",
  ],
  ["allow-fork-prs", "forks", "switch", "Nothing of a fork runs before a maintainer's word for that head."],
  ["allow-draft-prs", "drafts", "switch"],
  ["parallel-pool-size", "concurrency.runs", "number"],
  ["executable-name", "trigger_words", "list"],
  ["gh-hostname", "forge.api_url", "github-api"],
  ["gh-token", "PLUMBLINE_FORGE_TOKEN", "variable"],
  ["gh-token-file", "PLUMBLINE_FORGE_TOKEN_FILE", "variable"],
  ["gh-app-id", "forge.app_id", "text"],
  ["gh-app-key", "PLUMBLINE_GITHUB_APP_KEY", "variable"],
  ["gh-app-key-file", "PLUMBLINE_GITHUB_APP_KEY_FILE", "variable"],
  ["gh-app-installation-id", "forge.installation_id", "number"],
  ["gh-webhook-secret", "PLUMBLINE_WEBHOOK_SECRET", "variable"],
  ["gitea-base-url", "forge.api_url", "gitea-api"],
  ["gitea-token", "PLUMBLINE_FORGE_TOKEN", "variable"],
  ["gitea-webhook-secret", "PLUMBLINE_WEBHOOK_SECRET", "variable"],
  ["automerge", "~automerge", "switch"],
  ["parallel-plan", "~parallel_plan", "switch", "On where left out."],
  ["parallel-apply", "~parallel_apply", "switch", "On where left out."],
  ["autodiscover-mode", "~autodiscover.enabled", "discovery"],
  [
    "autoplan-file-list",
    "~defaults.when_modified",
    "list",
    "Counted from the workspace's folder. Local modules count besides.",
  ],
  ["disable-autoplan", "~defaults.autoplan", "off"],
  ["disable-repo-locking", "~defaults.lock", "off", "`lock: disabled`; the engine's own state lock stays."],
  ["default-tf-version", "~defaults.engine.version", "text"],
  ["default-tf-distribution", "~defaults.engine.distribution", "text"],
  ["tf-distribution", "~defaults.engine.distribution", "text"],
];

type Noted = readonly [fate: AtlantisKey["fate"], names: string, note: string, to?: string];

/** Flags whose value is not carried over, each group with its reason. */
const NOTED: readonly Noted[] = [
  [
    "lost",
    "automerge-method",
    "Merged by the first of merge, squash and rebase that the repository allows: leave only one allowed there.",
  ],
  [
    "unneeded",
    "autoplan-modules autoplan-modules-from-projects",
    "Local modules are traced, always and at any depth.",
  ],
  [
    "lost",
    "allow-commands",
    "All commands are there for who has `command_permission`; `import` and `state rm` are off: use `import` and `removed` blocks.",
    "command_permission",
  ],
  [
    "lost",
    "gh-team-allowlist gitlab-group-allowlist",
    "Commands are for who has `command_permission` on the repository; approvals for roles (`governance.roles`), pages and API for groups (`access.grants`).",
    "command_permission",
  ],
  [
    "lost",
    "api-secret",
    "Each caller has a token of its own: `plumbline token create`. The API is another one.",
    "plumbline token create",
  ],
  [
    "lost",
    "web-basic-auth web-username web-password",
    "People sign in at an identity provider or with a token; each has a role.",
    "oidc, access.grants",
  ],
  [
    "lost",
    "azuredevops-hostname azuredevops-token azuredevops-user azuredevops-webhook-password azuredevops-webhook-user",
    "Plumbline serves GitHub and Gitea (Forgejo), not Azure DevOps.",
  ],
  [
    "lost",
    "bitbucket-api-user bitbucket-base-url bitbucket-token bitbucket-user bitbucket-webhook-secret",
    "Plumbline serves GitHub and Gitea (Forgejo), not Bitbucket.",
  ],
  [
    "lost",
    "gitlab-hostname gitlab-status-retry-enabled gitlab-token gitlab-user gitlab-webhook-secret",
    "Plumbline serves GitHub and Gitea (Forgejo), not GitLab.",
  ],
  [
    "unneeded",
    "blocked-extra-args",
    "Flags after `--` pass an allow list; nothing that leaves the folder or moves the state is on it.",
  ],
  [
    "unneeded",
    "checkout-depth checkout-strategy",
    "What is planned is the merge of head and base, from a mirror that has the whole history.",
  ],
  ["unneeded", "config", "Give that file to `--server-flags`.", "serve --config"],
  [
    "changed",
    "data-dir",
    "Give Plumbline a new, empty folder: it shares nothing with Atlantis's.",
    "data_dir",
  ],
  [
    "lost",
    "disable-apply-all",
    "`plumbline apply` applies what this pull request planned and the gates allow, in order.",
  ],
  [
    "lost",
    "disable-autoplan-label disable-automerge-label disable-unlock-label",
    "Labels steer nothing. `autoplan` is per workspace; `plumbline freeze` stops applies.",
  ],
  [
    "unneeded",
    "disable-markdown-folding enable-diff-markdown-format hide-prev-plan-comments hide-unchanged-plan-comments max-comments-per-command markdown-template-overrides-dir",
    "There is one comment per pull request, written anew in place and cut to the forge's limit; its form is fixed.",
  ],
  [
    "lost",
    "disable-global-apply-lock",
    "`plumbline freeze` takes the role operator; it cannot be taken away from it.",
    "plumbline freeze",
  ],
  ["unneeded", "discard-approval-on-plan", "An approval counts for one head and one plan, always."],
  ["unneeded", "emoji-reaction", "A command that is taken gets an `eyes` reaction, always."],
  ["changed", "enable-drift-detection", "Always on; when is `drift.schedule`.", "drift.schedule"],
  [
    "changed",
    "enable-drift-remediation",
    "Drift becomes a pull request; `plumbline revert` undoes it there.",
    "plumbline revert",
  ],
  ["changed", "enable-external-stores", "Set `artifacts` to `s3://BUCKET/PREFIX`.", "artifacts"],
  ["changed", "enable-policy-checks", "On as soon as there are sets.", "policies.sets"],
  ["unneeded", "quiet-policy-checks", "The comment names what denies and warns, and nothing that passed."],
  ["lost", "enable-profiling-api", "There is none; Node's own profiler works on the process."],
  ["lost", "enable-regexp-cmd", "`-p` names one project exactly."],
  ["unneeded", "fail-on-pre-workflow-hook-error", "There are no hooks."],
  [
    "unneeded",
    "gh-allow-mergeable-bypass-apply ignore-vcs-status-names",
    "`mergeable` leaves Plumbline's own statuses out of account. Statuses of another Atlantis must be green or not required.",
  ],
  ["unneeded", "gh-app-slug gh-org gh-user gitea-user gitea-page-size", "Asked of the forge, or not needed."],
  ["unneeded", "help", "`plumbline help`."],
  ["lost", "include-git-untracked-files", "What counts is what the commit holds."],
  ["lost", "language language-config-file", "Plumbline speaks plain English only."],
  [
    "changed",
    "locking-db-type redis-cluster-addresses redis-db redis-host redis-insecure-skip-verify redis-password redis-port redis-tls-enabled redis-username",
    "Locks lie in the database with all else: embedded, or PostgreSQL for several replicas. Locks are not taken over: no pull request is half applied at the switch.",
    "database_url",
  ],
  [
    "changed",
    "pending-apply-status",
    "With `apply: on_merge` the merge comes first. Each apply has a status of its own, `plumbline/apply: WORKSPACE`; the one to require is `plumbline/plan`.",
  ],
  ["changed", "repo-config repo-config-json", "Give that file to `--server-config`."],
  [
    "unneeded",
    "restrict-file-list",
    "A named workspace may be planned in any pull request; what it would apply is what the pull request's merge says.",
  ],
  ["unneeded", "share-plan-dir", "Plans lie in the artifact store, which all replicas share.", "artifacts"],
  [
    "unneeded",
    "silence-no-projects silence-fork-pr-errors silence-allowlist-errors silence-vcs-status-no-plans silence-vcs-status-no-projects skip-clone-no-changes",
    "Where nothing is affected there is no comment; the status `plumbline/plan` is green on every head, so that it can be required.",
  ],
  [
    "changed",
    "slack-token webhook-http-headers",
    "Alerts go to channels with routes of their own.",
    "alerts.channels",
  ],
  ["lost", "ssl-cert-file ssl-key-file", "Plumbline speaks HTTP; let a proxy before it end TLS."],
  ["lost", "stats-namespace", "Metrics begin with `plumbline_`."],
  [
    "changed",
    "tf-download tf-download-url",
    "Engines are taken from the PATH or from a folder, and may be pinned by checksum; none is downloaded.",
    "engine.path, engine.sha256",
  ],
  [
    "lost",
    "tfe-hostname tfe-local-execution-mode",
    "Plans run here, never remotely. A `cloud` block must have local execution.",
  ],
  ["changed", "tfe-token", "Lend it to runs as `TF_TOKEN_app_terraform_io`.", "credentials[].plan.env_from"],
  ["unneeded", "use-tf-plugin-cache", "Providers have one store, always."],
  ["lost", "var-file-allowlist", "Variable files lie in the repository."],
  ["lost", "vcs-status-name", "Statuses begin with `plumbline/`."],
  ["unneeded", "websocket-check-origin", "Logs come by server-sent events, with the caller's own login."],
  [
    "changed",
    "write-git-creds",
    "Private modules get credentials per host and owner, by the run's environment alone.",
    "credentials[].plan.git",
  ],
];

export const FLAG_TARGETS: ReadonlyMap<string, FlagTarget> = new Map(
  CARRIED.map(([name, to, read]) => [name, targetOf(to, read)]),
);

/** Every flag of `atlantis server`, without its dashes. */
export const ATLANTIS_FLAGS: AtlantisKeys = Object.fromEntries(
  [
    ...CARRIED.map(([name, to, , note]): [string, AtlantisKey] => [
      name,
      {
        fate: note === undefined ? "same" : "changed",
        to: to.replace(/^~/, ""),
        ...(note === undefined ? {} : { note }),
      },
    ]),
    ...NOTED.flatMap(([fate, names, note, to]) =>
      names.split(" ").map((name): [string, AtlantisKey] => [name, { fate, note, ...(to ? { to } : {}) }]),
    ),
  ].toSorted(([left], [right]) => (left < right ? -1 : 1)),
);

function targetOf(to: string, read: FlagReading | "variable"): FlagTarget {
  if (read === "variable") return { in: "variable", name: to };
  return to.startsWith("~")
    ? { in: "repository", at: to.slice(1).split("."), read }
    : { in: "server", at: to.split("."), read };
}
