import { PlumblineError } from "../model/errors.ts";
import type { Target } from "./pg-session.ts";
import { openEmbeddedTarget } from "./pg-target-embedded.ts";
import { openServerTarget } from "./pg-target-server.ts";

/**
 * `postgres://...`, or `pglite:DIRECTORY` for an embedded one (`pglite:` alone: in memory).
 * @throws `wrong-arguments` for another URL, `database-unavailable`; no message holds the URL's secrets.
 */
export const openTarget = async (url: string): Promise<Target> => {
  if (url.startsWith("pglite:")) return openEmbeddedTarget(url.slice("pglite:".length));
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new PlumblineError(
      "wrong-arguments",
      "--url is postgres://USER@HOST:PORT/DATABASE or pglite:DIRECTORY.",
    );
  return openServerTarget(url);
};
