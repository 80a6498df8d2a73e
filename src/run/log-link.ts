import { createHmac, timingSafeEqual } from "node:crypto";
import { readRunLog, wholeLog } from "./read-log.ts";
import type { World } from "./world.ts";

const sealOf = (world: Pick<World, "key">, run: string): string =>
  createHmac("sha256", world.key).update(`run-log:${run}`).digest("base64url").slice(0, 32);

/** Where people read a run's full log; null where the service has no address that they can reach. */
export const logUrl = (world: Pick<World, "key" | "server">, run: string): string | null =>
  world.server.publicUrl === null
    ? null
    : `${world.server.publicUrl.replace(/\/+$/, "")}/runs/${run}/log?seal=${sealOf(world, run)}`;

/** The log behind such a link, in parts; null for a wrong seal, an unknown run, or one that has no log. */
export const readSealedLog = async (
  world: World,
  run: string,
  seal: string,
): Promise<AsyncIterable<string> | null> => {
  const expected = Buffer.from(sealOf(world, run));
  const given = Buffer.from(seal);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return (await readRunLog(world, run, { tail: 0 })) ? wholeLog(world, run) : null;
};
