import { createInterface } from "node:readline";
import { execa } from "execa";
import type { Log } from "../ports/log.ts";

const SAY_EVERY_MS = 15_000;

/**
 * Runs `go build -v` or `go install -v` and says now and then that it is still at it. Null where it succeeded, else
 * what it printed.
 */
export const goBuild = async (
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
  what: string,
  log: Log,
): Promise<string | null> => {
  const child = execa("go", args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, CGO_ENABLED: "0" },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  let packages = 0;
  createInterface({ input: child.stderr }).on("line", () => {
    packages += 1;
  });
  const started = Date.now();
  const saying = setInterval(() => {
    log.info(`still building ${what}`, { seconds: Math.round((Date.now() - started) / 1000), packages });
  }, SAY_EVERY_MS);
  const result = await child.finally(() => clearInterval(saying));
  return result.failed ? (result.stderr ?? "") : null;
};
