/** What the people of a pull request meet, and can put right themselves. */
export const USER_ERRORS = {
  "lock-file-incomplete": {
    retry: "never",
    audience: "user",
    hint: "Run `terraform init` (or `tofu init`) in that folder and commit `.terraform.lock.hcl`.",
  },
  "engine-failed": {
    retry: "never",
    audience: "user",
    hint: "Mend the configuration that the engine names, then comment `plumbline plan`.",
  },
  "engine-timeout": {
    retry: "never",
    audience: "user",
    hint: "Raise `engine.timeout` for the workspace, or find what the provider waits for.",
  },
  "git-conflict": {
    retry: "never",
    audience: "user",
    hint: "Merge or rebase onto the base branch, then push.",
  },
  "git-foreign-commit": {
    retry: "never",
    audience: "user",
    hint: "Somebody else pushed to the drift branch; Plumbline will not overwrite it. Merge it or close the pull request.",
  },
  "git-rewritten": {
    retry: "later",
    audience: "user",
    hint: "The commit is gone from the remote (force push); the newer head will be planned.",
  },
  "forge-conflict": {
    retry: "never",
    audience: "user",
    hint: "The head moved or conflicts with the base branch; bring the branch up to date, then try again.",
  },
  "config-invalid": { retry: "never", audience: "user", hint: "Run `npx plumbline config check`." },
  "policy-invalid": {
    retry: "never",
    audience: "user",
    hint: "Mend the policy where the message says, and run `npx plumbline policy test PLAN.json --policy DIR`.",
  },
  "policy-timeout": {
    retry: "never",
    audience: "user",
    hint: "Make the policy cheaper, or raise the time limit of the policies in the server's file.",
  },
  "plan-unreadable": {
    retry: "never",
    audience: "user",
    hint: "Give the output of `terraform show -json PLANFILE`.",
  },
  "plan-changed": {
    retry: "never",
    audience: "user",
    hint: "Look at the new plan, then comment `plumbline approve DIGEST` and `plumbline apply`.",
  },
  "sql-unreadable": {
    retry: "never",
    audience: "user",
    hint: "Give .sql files or folders that hold them, as UTF-8 text.",
  },
  "sql-invalid": {
    retry: "never",
    audience: "user",
    hint: "Mend the migrations as the message says; `npx plumbline sql plan` shows where they stand.",
  },
  "sql-failed": {
    retry: "never",
    audience: "user",
    hint: "Compare history and database (`npx plumbline sql drift`) before anything is run again.",
  },
  "workspace-locked": {
    retry: "later",
    audience: "user",
    hint: "Wait for the holder, or comment `plumbline unlock` on its pull request.",
  },
  "workspace-busy": {
    retry: "later",
    audience: "user",
    hint: "Another run holds this workspace; this one follows it.",
  },
  "account-busy": {
    retry: "later",
    audience: "user",
    hint: "As many runs as `accounts` allows work in this cloud account; this one follows.",
  },
  "workspace-frozen": {
    retry: "never",
    audience: "user",
    hint: "Push the saved state with `plumbline state push`, then try again.",
  },
  "workspace-unknown": {
    retry: "never",
    audience: "user",
    hint: "Name a workspace that the comment above lists.",
  },
  "path-escapes": { retry: "never", audience: "user", hint: "Use a path inside the repository." },
  "gate-denied": { retry: "never", audience: "user", hint: "Each reason in the comment says what to do." },
  "not-found": {
    retry: "never",
    audience: "user",
    hint: "`plumbline status` and `plumbline runs` list what there is.",
  },
  "wrong-state": {
    retry: "never",
    audience: "user",
    hint: "`plumbline backfill status` says where each is.",
  },
  "not-allowed": {
    retry: "never",
    audience: "user",
    hint: "Log in at /login, or send an API token with the role: Authorization: Bearer plb_...",
  },
  "server-unavailable": {
    retry: "later",
    audience: "user",
    hint: "Look at the address given by --server or PLUMBLINE_SERVER, and at `plumbline doctor` on that machine.",
  },
  "too-many-streams": {
    retry: "later",
    audience: "user",
    hint: "Close pages that follow a log, or come back later.",
  },
  "request-in-progress": {
    retry: "later",
    audience: "user",
    hint: "The same request is being done; ask again with the same Idempotency-Key.",
  },
  "bad-cursor": {
    retry: "never",
    audience: "user",
    hint: "Take `next` of the page before as it is, with the same filters; or begin again without a cursor.",
  },
  "wrong-arguments": { retry: "never", audience: "user", hint: "Run `npx plumbline help`." },
  interrupted: {
    retry: "never",
    audience: "user",
    hint: "Plumbline was stopped while this ran; comment `plumbline plan` to start it again.",
  },
} as const;
