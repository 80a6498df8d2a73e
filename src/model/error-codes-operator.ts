/** What whoever runs the service has to put right. */
export const OPERATOR_ERRORS = {
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
  "alert-failed": {
    retry: "later",
    audience: "operator",
    hint: "Check the alert's URL and secret; the alert is sent again.",
  },
  "policy-engine-missing": {
    retry: "never",
    audience: "operator",
    hint: "Put opa 1.0 or newer on the PATH, name it in PLUMBLINE_OPA, or install Go so that it can be built.",
  },
  "policy-failed": {
    retry: "later",
    audience: "operator",
    hint: "OPA ended while it was asked; the log says how. It is started again by the next question.",
  },
  "plan-format-unknown": {
    retry: "never",
    audience: "operator",
    hint: "This engine writes a plan format that this version of Plumbline does not know; upgrade Plumbline or pin the engine.",
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
  "database-refused": {
    retry: "never",
    audience: "operator",
    hint: "Look at the rights of the database's roles: `read_only` reads the history, `migration` writes it.",
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
  bug: {
    retry: "never",
    audience: "operator",
    hint: "This is Plumbline's own mistake; please report it with the run id.",
  },
} as const;
