import { systemClock } from "./adapters/clock.ts";
import { secretValues } from "./adapters/engine-environment.ts";
import { createLog } from "./adapters/log.ts";
import { createRedactor } from "./adapters/redactor.ts";
import { openTracer } from "./adapters/tracer-otlp.ts";
import { secretsOfChannel } from "./config/alert-channels.ts";
import type { ServerConfig } from "./model/config.ts";
import type { Clock } from "./ports/clock.ts";
import type { World } from "./run/world.ts";

export type Ground = Pick<World, "clock" | "log" | "redactor" | "tracer">;

interface GroundOptions {
  readonly version: string;
  readonly writeLog: (line: string) => void;
  readonly clock?: Clock;
}

/** First of all, whatever keeps secrets out of what is said. */
export const groundOf = (server: ServerConfig, options: GroundOptions): Ground => {
  const redactor = createRedactor();
  const log = createLog({ redactor, level: server.logLevel, write: options.writeLog });
  for (const secret of secretsOf(server)) redactor.learn(secret);
  const { version } = options;
  const tracer = server.traces && openTracer({ ...server.traces, version, redactor, log });
  return { redactor, log, clock: options.clock ?? systemClock, ...(tracer ? { tracer } : {}) };
};

const secretsOf = (server: ServerConfig): readonly string[] => [
  ...[server.access?.adminToken, server.access?.oidc?.clientSecret].filter((one) => typeof one === "string"),
  ...server.webhookSecrets,
  ...passwordIn(server.databaseUrl),
  ...Object.values(server.engine.planEnv),
  ...Object.values(server.engine.applyEnv),
  ...(server.credentials ?? []).flatMap(({ plan, apply }) => [
    ...secretValues({ ...plan?.env }),
    ...secretValues({ ...apply?.env }),
    ...[...(plan?.git ?? []), ...(apply?.git ?? [])].map(({ password }) => password),
  ]),
  ...server.alerts.flatMap(secretsOfChannel),
  ...Object.values(server.traces?.headers ?? {}),
];

/** The embedded password of a database URL is as secret as the URL. */
const passwordIn = (url: string | null): readonly string[] => {
  const password = url === null ? "" : decodeURIComponent(new URL(url).password);
  return password === "" ? [] : [password];
};
