import { isForgeError } from "./github-errors.ts";

/** For calls that must not be repeated blindly: the plugin does not retry them. */
export const ONE_TRY = { request: { retries: 0 } };

const TRIES = 3;

/**
 * Creates something that has no key of its own. An answer may be lost after the forge did its work, so before each
 * further try it is looked for; `find` waits out the forge's trouble by the plugin's retries.
 */
export const createOnce = async <T>(create: () => Promise<T>, find: () => Promise<T | null>): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await create();
    } catch (thrown) {
      if (!isForgeError(thrown, "forge-unavailable") || tried === TRIES) throw thrown;
    }
    const found = await find();
    if (found) return found;
  }
};
