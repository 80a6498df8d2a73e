import { systemClock } from "../adapters/clock.ts";
import { createForge } from "../adapters/forges.ts";
import { createLog } from "../adapters/log.ts";
import { createNotifiers } from "../adapters/notifiers.ts";
import { redactedForge, redactedNotifier } from "../adapters/redacted-exits.ts";
import { createRedactor } from "../adapters/redactor.ts";
import { secretsOfChannel } from "../config/alert-channels.ts";
import type { ServerConfig } from "../model/config.ts";
import type { Notifier } from "../ports/notify.ts";
import type { CliWorld } from "./command.ts";

/** The configured channels, from this very process; their secrets are in nothing that they say. */
export const channelsHere = (
  { err }: Pick<CliWorld, "err">,
  { alerts, forge }: Pick<ServerConfig, "alerts" | "forge">,
): readonly Notifier[] => {
  const redactor = createRedactor();
  for (const secret of alerts.flatMap(secretsOfChannel)) redactor.learn(secret);
  const log = createLog({ redactor, level: "warn", write: err });
  const parts = { log, redactor, limited: () => undefined };
  const own = redactedForge(createForge(forge, parts), redactor);
  return createNotifiers(alerts, { clock: systemClock, forge: own }).map((one) =>
    redactedNotifier(one, redactor),
  );
};
