import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import { type Environment, withSettings } from "./git-environment.ts";
import type { GitOptions } from "./git-options.ts";

/** A remote as git is told of it: an address without credentials, and an environment that answers for them. */
export interface Remote {
  readonly url: string;
  readonly env: Environment;
}

/**
 * Asks the forge for the address and credentials of a repository. The password goes to git by an askpass script that
 * reads it from the environment and answers for this one origin only: a submodule or a redirect elsewhere gets nothing.
 */
export const openAccess = (options: GitOptions, env: Environment) => {
  let script: Promise<string> | undefined;
  return async (repo: string): Promise<Remote> => {
    const { url, username, password } = await options.access(repo);
    if (password !== "") options.redactor.learn(password);
    const target = parseUrl(url, repo);
    script ??= writeAskpass(options.root);
    return {
      url,
      env: {
        ...withSettings(env, [...settingsFor(target), ...signedIn(options, target, username, password)]),
        GIT_ASKPASS: await script,
        PLUMBLINE_GIT_SCHEME: target.scheme,
        PLUMBLINE_GIT_HOST: target.host,
        PLUMBLINE_GIT_USERNAME: username,
        PLUMBLINE_GIT_PASSWORD: password,
      },
    };
  };
};

interface Target {
  readonly scheme: string;
  readonly host: string;
}

// Submodules that name this host by SSH are read as we read it ourselves.
const settingsFor = ({ scheme, host }: Target): readonly (readonly [string, string])[] => [
  [`protocol.${scheme}.allow`, "always"],
  ...(/^https?$/.test(scheme)
    ? ([
        [`url.${scheme}://${host}/.insteadOf`, `git@${host}:`],
        [`url.${scheme}://${host}/.insteadOf`, `ssh://git@${host}/`],
      ] as const)
    : []),
];

/**
 * Says who we are with the first request: git asks without, is refused, and starts two scripts for an answer else. The
 * header goes to this origin only; curl drops it where a redirect leads elsewhere.
 */
const signedIn = (
  { redactor }: GitOptions,
  { scheme, host }: Target,
  username: string,
  password: string,
): readonly (readonly [string, string])[] => {
  if (!/^https?$/.test(scheme) || password === "") return [];
  const words = Buffer.from(`${username}:${password}`).toString("base64");
  redactor.learn(words);
  return [[`http.${scheme}://${host}/.extraHeader`, `Authorization: Basic ${words}`]];
};

const parseUrl = (url: string, repo: string): Target => {
  const [, scheme, host] =
    /^(https?|file):\/\/([^/@?#\s]*)(?:\/\S*)?$/.exec(url) ?? /^(ssh):\/\/([^/?#\s]+)\/\S+$/.exec(url) ?? [];
  if (scheme !== undefined && host !== undefined) return { scheme, host };
  throw new PlumblineError("git-failed", `The clone address of ${repo} is none that Plumbline uses.`, {
    hint: "It must be an https, http, ssh or file URL without a user or a password in it.",
  });
};

// Git asks "Username for 'https://host': " and "Password for 'https://user@host': ".
const ASKPASS = `#!/bin/sh
case "$1" in
"Username for '$PLUMBLINE_GIT_SCHEME://$PLUMBLINE_GIT_HOST': ") printf '%s\\n' "$PLUMBLINE_GIT_USERNAME" ;;
"Password for '$PLUMBLINE_GIT_SCHEME://"*"@$PLUMBLINE_GIT_HOST': ") printf '%s\\n' "$PLUMBLINE_GIT_PASSWORD" ;;
*) exit 1 ;;
esac
`;

const writeAskpass = async (folder: string): Promise<string> => {
  const path = join(folder, "askpass.sh");
  const fresh = `${path}.${randomUUID()}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(fresh, ASKPASS, { mode: 0o700 });
  await rename(fresh, path);
  return path;
};
