import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

/** The first program of that name on the PATH, null where there is none. */
export const onPath = async (name: string, env: Variables): Promise<string | null> => {
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return null;
};

/** What a tool that is asked or built may see of the environment. */
export const toolEnvironment = (env: Variables): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => TOOL_VARIABLES.test(pair[0]) && pair[1] !== undefined,
    ),
  );

const TOOL_VARIABLES =
  /^(PATH|HOME|TMPDIR|LANG|SSL_CERT_(FILE|DIR)|(https?|no)_proxy|XDG_CACHE_HOME|GO[A-Z0-9]*)$/i;
