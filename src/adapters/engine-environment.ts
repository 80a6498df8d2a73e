import { delimiter, dirname } from "node:path";
import type { EngineCall } from "../ports/engine.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What of the surrounding environment an engine process gets to see. */
export interface EnvironmentSettings {
  /** `service`: an allow list. `user`: a person's own terminal, so all but what would change what we ask for. */
  readonly mode: "service" | "user";
  /** The environment of this process, as wire.ts read it. */
  readonly env: Variables;
  /** `process.execPath`: its folder goes first on the PATH, so that a provider written for Node starts on this Node. */
  readonly nodePath: string;
  /** Further names let through in service mode. */
  readonly passThrough: readonly string[];
}

/** The whole environment of one engine process; nothing else is inherited. */
export const engineEnvironment = (
  settings: EnvironmentSettings,
  call: Pick<EngineCall, "dataDir" | "env">,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...inherited(settings),
  PATH: [dirname(settings.nodePath), settings.env["PATH"]].filter(Boolean).join(delimiter),
  ...call.env,
  TF_IN_AUTOMATION: "1",
  TF_INPUT: "0",
  CHECKPOINT_DISABLE: "1",
  TF_DATA_DIR: call.dataDir,
  ...more,
});

const ALLOWED = [
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TMPDIR",
  "TZ",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
];

// A person's terminal may hold settings that would turn our own arguments round, and secrets of a service.
const REFUSED =
  /^(PLUMBLINE_|TF_(CLI_ARGS|LOG|REATTACH_PROVIDERS)|TF_(WORKSPACE|DATA_DIR|INPUT|CLI_CONFIG_FILE)$|NODE_OPTIONS$)/;

const inherited = ({ mode, env, passThrough }: EnvironmentSettings): Record<string, string> => {
  const names =
    mode === "service"
      ? [...ALLOWED, ...passThrough]
      : Object.keys(env).filter((name) => !REFUSED.test(name));
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
};

// Names whose values say where, not how to get in: hiding `eu-west-1` everywhere would make every log useless.
const HARMLESS =
  /(REGION|ZONE|PROFILE|PROJECT|ENVIRONMENT|ENV|STAGE|LOCATION|ENDPOINT|URL|HOST|FILE|DIR|PATH|LANG|LOG|LEVEL|HOME)S?(_?(ID|NAME))?$/i;
const SECRET = /(SECRET|TOKEN|PASS|KEY|CREDENTIAL|PRIVATE|AUTH|CERT|DSN)/i;

/** The values that a log must never show: all but those whose names say that they are harmless. */
export const secretValues = (env: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(env)
    .filter(([name, value]) => SECRET.test(name) || !(HARMLESS.test(name) || isPlain(value)))
    .flatMap(([, value]) => [value, ...multiline(value)]);

const isPlain = (value: string): boolean => /^(true|false|null|-?\d{1,9}(\.\d+)?)$/i.test(value);

// A key of several lines reaches a log one line at a time.
const multiline = (value: string): readonly string[] =>
  value.includes("\n") ? value.split("\n").filter((line) => line.length >= 16) : [];
