import Fastify from "fastify";
import { receiveWebhook } from "./entry/webhook.ts";
import { PlumblineError } from "./model/errors.ts";
import { readSealedLog } from "./run/log-link.ts";
import type { World } from "./run/world.ts";
import { runLogRoutes } from "./web/run-log.ts";
import { webhookRoutes } from "./web/webhooks.ts";

export interface OpenWeb {
  /** `http://HOST:PORT`, as bound. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens for webhooks and shows logs. Throws `port-taken`. */
export const openWeb = async (world: World): Promise<OpenWeb> => {
  const { ledger, clock, log, server, nudge } = world;
  const app = Fastify({ logger: false });
  await app.register(
    webhookRoutes({
      log,
      receive: (request) =>
        receiveWebhook(
          { ledger, clock, log, secrets: server.webhookSecrets, allowlist: server.repoAllowlist, nudge },
          request,
        ),
      ready: async () => {
        await ledger.meta.get("ready");
        return { ok: true, problems: [] };
      },
    }),
  );
  await app.register(runLogRoutes({ readLog: (run, seal) => readSealedLog(world, run, seal) }));
  const { host, port } = server.listen;
  try {
    const url = await app.listen({ host, port });
    return { url, close: () => app.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new PlumblineError("port-taken", `Port ${port} on ${host} is taken.`, { cause });
  }
};
