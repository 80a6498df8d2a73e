import { PlumblineError } from "../model/errors.ts";
import type { Git } from "../ports/git.ts";

/**
 * Each replica has mirrors of its own, so that a commit that another one has fetched may be missing here: what fails
 * for that is done once more after a fetch.
 */
export const refreshing = <Calls extends Partial<Git>>(calls: Calls, fetch: Git["fetch"]): Calls => {
  const wrapped: unknown = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      async (repo: string, ...more: readonly unknown[]): Promise<unknown> => {
        const ask = (): unknown => Reflect.apply(call, calls, [repo, ...more]);
        try {
          return await ask();
        } catch (thrown) {
          if (!(thrown instanceof PlumblineError) || thrown.code !== "git-rewritten") throw thrown;
          await fetch(repo);
          return ask();
        }
      },
    ]),
  );
  return wrapped as Calls;
};
