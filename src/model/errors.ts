/**
 * Every error that a user or an operator can meet. `retry` is its fate: `now` (the same call may just work),
 * `later` (with backoff), `never` (something must change first). `docs/errors.md` has a heading for each code.
 */
export const ERRORS = {
  "engine-missing": {
    retry: "never",
    audience: "operator",
    hint: "Install Terraform or OpenTofu, set PLUMBLINE_ENGINE to its path, or install Go so that OpenTofu can be built.",
  },
  "engine-unverified": {
    retry: "never",
    audience: "operator",
    hint: "Put the engine back that engine.sha256 names, or name the checksum of the new one there once you trust it.",
  },
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
  "context-failed": {
    retry: "later",
    audience: "operator",
    hint: "Run the command of `resource_context` by hand with the question on its input; meanwhile the worse case counts.",
  },
  "credentials-failed": {
    retry: "later",
    audience: "operator",
    hint: "Run the command of `credentials` by hand; docs/credentials.md says what it must print.",
  },
  "sandbox-missing": {
    retry: "never",
    audience: "operator",
    hint: "Install bubblewrap and let it make user namespaces, or set sandbox.mode to auto (and sandbox.egress to nothing).",
  },
  "git-missing": { retry: "never", audience: "operator", hint: "Install git 2.38 or newer." },
  "git-failed": {
    retry: "later",
    audience: "operator",
    hint: "Check the repository's address and the credentials of the app or token.",
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
  "forge-unavailable": {
    retry: "later",
    audience: "operator",
    hint: "The forge answers with errors; Plumbline retries and publishes when it is back.",
  },
  "forge-rate-limited": { retry: "later", audience: "operator", hint: "Plumbline waits as the forge asks." },
  "forge-refused": {
    retry: "never",
    audience: "operator",
    hint: "Check that the app is installed and has the permissions in docs/operations.md.",
  },
  "forge-not-found": {
    retry: "never",
    audience: "operator",
    hint: "Check the repository's name and that the app is installed on it.",
  },
  "forge-conflict": {
    retry: "never",
    audience: "user",
    hint: "The head moved or conflicts with the base branch; bring the branch up to date, then try again.",
  },
  "alert-failed": {
    retry: "later",
    audience: "operator",
    hint: "Check the alert's URL and secret; the alert is sent again.",
  },
  "config-invalid": { retry: "never", audience: "user", hint: "Run `npx plumbline config check`." },
  "policy-engine-missing": {
    retry: "never",
    audience: "operator",
    hint: "Put opa 1.0 or newer on the PATH, name it in PLUMBLINE_OPA, or install Go so that it can be built.",
  },
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
  "policy-failed": {
    retry: "later",
    audience: "operator",
    hint: "OPA ended while it was asked; the log says how. It is started again by the next question.",
  },
  "plan-unreadable": {
    retry: "never",
    audience: "user",
    hint: "Give the output of `terraform show -json PLANFILE`.",
  },
  "plan-format-unknown": {
    retry: "never",
    audience: "operator",
    hint: "This engine writes a plan format that this version of Plumbline does not know; upgrade Plumbline or pin the engine.",
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
  "stale-token": {
    retry: "never",
    audience: "operator",
    hint: "A newer run took the workspace; this result was thrown away.",
  },
  "state-moved": {
    retry: "now",
    audience: "operator",
    hint: "The state changed while drift was read; the result was thrown away and will be read again.",
  },
  "path-escapes": { retry: "never", audience: "user", hint: "Use a path inside the repository." },
  "gate-denied": { retry: "never", audience: "user", hint: "Each reason in the comment says what to do." },
  "artifact-missing": { retry: "never", audience: "operator", hint: "Check the artifact store; plan again." },
  "artifact-corrupt": {
    retry: "never",
    audience: "operator",
    hint: "The stored bytes differ from what was written; nothing was applied. Plan again.",
  },
  "database-unavailable": {
    retry: "later",
    audience: "operator",
    hint: "Check PLUMBLINE_DATABASE_URL and that the server is up.",
  },
  exposed: {
    retry: "never",
    audience: "operator",
    hint: "Give what is missing, or listen on 127.0.0.1 behind a proxy on the same machine (PLUMBLINE_HOST).",
  },
  "login-failed": {
    retry: "never",
    audience: "operator",
    hint: "Compare oidc.issuer, client_id, client_secret and the redirect address PUBLIC_URL/login/callback with the identity provider.",
  },
  "keys-not-everywhere": {
    retry: "never",
    audience: "operator",
    hint: "Start these replicas with the new key in front and the old one behind it, then run `plumbline keys rotate` again.",
  },
  "keys-differ": {
    retry: "never",
    audience: "operator",
    hint: "Give every replica the same `keys` (PLUMBLINE_KEY), where a new one was made with the old one behind it; without `keys` each data folder has a key of its own, in its file `key`.",
  },
  "database-locked": {
    retry: "never",
    audience: "operator",
    hint: "Another Plumbline uses this data directory. Stop it, or give PLUMBLINE_DATABASE_URL.",
  },
  "database-newer": {
    retry: "never",
    audience: "operator",
    hint: "The database was written by a newer Plumbline; run that version.",
  },
  "store-unavailable": {
    retry: "later",
    audience: "operator",
    hint: "Check PLUMBLINE_ARTIFACTS and PLUMBLINE_S3_ENDPOINT, and that the store is up.",
  },
  "store-refused": {
    retry: "never",
    audience: "operator",
    hint: "Check that the bucket is there and what the credentials may do: read, write, delete and list below the prefix.",
  },
  "store-unfit": {
    retry: "never",
    audience: "operator",
    hint: "Use a store that refuses to overwrite on `If-None-Match: *` (AWS S3, MinIO, Ceph, R2), or a folder.",
  },
  "backup-corrupt": {
    retry: "never",
    audience: "operator",
    hint: "The file was cut off or changed, and nothing was restored. Take another backup file.",
  },
  "backup-newer": {
    retry: "never",
    audience: "operator",
    hint: "The backup was written by a newer Plumbline; restore it with that version.",
  },
  "restore-not-empty": {
    retry: "never",
    audience: "operator",
    hint: "Restore into a new data folder, an empty database and an empty artifact store.",
  },
  "port-taken": {
    retry: "never",
    audience: "operator",
    hint: "Choose another port with `--port` or PLUMBLINE_PORT.",
  },
  "not-writable": {
    retry: "never",
    audience: "operator",
    hint: "Give Plumbline a directory that it may write to with PLUMBLINE_DATA.",
  },
  "not-found": {
    retry: "never",
    audience: "user",
    hint: "`plumbline status` and `plumbline runs` list what there is.",
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
  bug: {
    retry: "never",
    audience: "operator",
    hint: "This is Plumbline's own mistake; please report it with the run id.",
  },
} as const satisfies { readonly [code: string]: ErrorKind };

export interface ErrorKind {
  readonly retry: "now" | "later" | "never";
  readonly audience: "user" | "operator";
  readonly hint: string;
}
export type ErrorCode = keyof typeof ERRORS;

/** An error that knows its fate. `detail` is for logs and is redacted there; `message` is for people. */
export class PlumblineError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; detail?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PlumblineError";
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.detail = options.detail ?? {};
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}

/** Whatever was thrown, as an error with a code: an unknown one is our bug. */
export const asPlumblineError = (thrown: unknown): PlumblineError => {
  if (thrown instanceof PlumblineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlumblineError("bug", message, { cause: thrown });
};
