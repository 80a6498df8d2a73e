import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ALERT_RULES } from "../../src/model/alert.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import type { LocalForge } from "../forge/forge.ts";

export interface LocalServer {
  /** A folder of its own; everything that the service keeps lies below it. */
  readonly dir: string;
  readonly repoAllowlist: readonly string[];
  readonly forge: ServerConfig["forge"];
  /** Path or name of the engine; null: whatever is found. */
  readonly engine: string | null;
  /** What plans and applies see. */
  readonly env: Readonly<Record<string, string>>;
  /** Where alerts go; nowhere where left out. */
  readonly alertUrl?: string;
}

/** The local forge, as one of its apps sees it. */
export const asApp = (
  { apiUrl }: Pick<LocalForge, "apiUrl">,
  { appId, privateKey }: Pick<ReturnType<LocalForge["addApp"]>, "appId" | "privateKey">,
): ServerConfig["forge"] => ({
  type: "github",
  apiUrl,
  auth: { type: "app", appId, privateKey, installationId: null },
});

/** A service on a loopback port with a secret of its own, as the demo, the tests and the benches start it. */
export const localServer = ({
  dir,
  repoAllowlist,
  forge,
  engine,
  env,
  alertUrl,
}: LocalServer): ServerConfig => ({
  dataDir: join(dir, "plumbline"),
  listen: { host: "127.0.0.1", port: 0 },
  publicUrl: null,
  databaseUrl: null,
  artifacts: join(dir, "plumbline", "artifacts"),
  repoAllowlist,
  forge,
  webhookSecrets: [randomBytes(24).toString("hex")],
  keys: [],
  triggerWords: ["plumbline"],
  concurrency: { runs: 2, drift: 2 },
  mode: "enforce",
  polling: { enabled: false, intervalSeconds: 300 },
  drift: { schedule: "*/30 * * * *", jitterSeconds: 0, maxOpenPulls: 5, maxSharedProofs: 20 },
  forks: false,
  drafts: false,
  commandPermission: "write",
  engine: { path: engine, timeoutSeconds: 300, env: [], planEnv: env, applyEnv: env, cliConfig: null },
  git: { submodules: false, lfs: false, maxBytes: 1024 ** 3 },
  alerts: alertUrl === undefined ? [] : [{ type: "webhook", url: alertUrl, secret: null }],
  // Nobody waits for others to come along.
  alertRules: { ...ALERT_RULES, gatherMs: 0 },
  shutdownGraceSeconds: 30,
  logLevel: "info",
});
