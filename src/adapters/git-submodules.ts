import { join } from "node:path";
import type { Remote } from "./git-access.ts";
import { withSettings } from "./git-environment.ts";
import { exists, type Mirrors } from "./git-mirror.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./git-options.ts";
import { gitFailed } from "./git-process.ts";
import { checkedOut } from "./git-simple.ts";

/**
 * Checks out the submodules of a worktree and theirs. Their addresses come from this commit's `.gitmodules` by way of
 * the environment: `submodule init` would write them into the mirror's configuration, for every later commit to meet.
 */
export const updateSubmodules = async (mirrors: Mirrors, path: string, remote: Remote): Promise<void> => {
  if (!(await exists(join(path, ".gitmodules")))) return;
  const { redactor, networkTimeoutMs = DEFAULT_NETWORK_TIMEOUT_MS } = mirrors.options;
  try {
    const listed = await checkedOut(path, remote.env).raw(LIST);
    const settings = parseUrls(listed).map(({ name, url }) => [
      `submodule.${name}.url`,
      absoluteUrl(url, remote.url),
    ]);
    const env = withSettings(remote.env, [["submodule.active", "."], ...(settings as [string, string][])]);
    const update = ["submodule", "--quiet", "update", "--force", "--checkout"];
    await checkedOut(path, env, networkTimeoutMs).raw(update);
    // Theirs may bear the same names, and keep their own configuration anyway.
    await checkedOut(path, remote.env, networkTimeoutMs).raw([
      "submodule",
      "--quiet",
      "foreach",
      "--quiet",
      NESTED,
    ]);
  } catch (failure) {
    throw gitFailed("Checking out submodules", redactor.redact(String(failure)));
  }
};

const LIST = ["config", "--file", ".gitmodules", "-z", "--get-regexp", "^submodule\\..*\\.url$"];
// A fixed text for git's own shell: nothing of the repository is in it.
const NESTED = "git submodule --quiet update --init --recursive --force --checkout";

const parseUrls = (listed: string): readonly { readonly name: string; readonly url: string }[] =>
  listed
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [key = "", ...url] = entry.split("\n");
      return { name: key.slice("submodule.".length, -".url".length), url: url.join("\n") };
    });

/** `../other.git` is meant from the repository's own address; git would ask a remote that a mirror does not have. */
const absoluteUrl = (url: string, base: string): string =>
  /^\.\.?\//.test(url) ? new URL(url, `${base.replace(/\/+$/, "")}/`).href : url;
