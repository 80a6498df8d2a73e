import type { Service } from "../../src/wire.ts";
import type { LocalForge } from "../forge/forge.ts";

/** Work makes webhooks and webhooks make work: it is quiet when neither made the other any more. */
export const untilQuiet = async (forge: LocalForge, service: Pick<Service, "idle">): Promise<void> => {
  for (let seen = -1; seen !== forge.deliveries.length; ) {
    seen = forge.deliveries.length;
    await forge.webhooksIdle();
    await service.idle();
  }
};
