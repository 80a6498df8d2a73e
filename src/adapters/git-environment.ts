import type { GitOptions } from "./git-options.ts";

export type Environment = Readonly<Record<string, string>>;

const TAKEN_OVER =
  /^(PATH|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|GIT_SSL_CAINFO|GIT_SSL_CAPATH|SSH_AUTH_SOCK|(https?|no|all)_proxy)$/i;

/**
 * What git may see of the world: nothing of the user's or the machine's configuration, no hooks, no prompts, no
 * helpers, no background work. Settings travel by environment, so that submodules obey them too.
 */
export const gitEnvironment = (options: GitOptions): Environment => ({
  ...takenOver(options.env),
  // Without a home there is no .netrc to take credentials from.
  HOME: options.root,
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_LFS_SKIP_SMUDGE: options.lfs ? "0" : "1",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=30",
  ...configEnvironment([...SETTINGS, ...(options.lfs ? LFS_SETTINGS : [])]),
});

const takenOver = (env: GitOptions["env"]): Environment =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => TAKEN_OVER.test(entry[0]) && !!entry[1]),
  );

type Setting = readonly [key: string, value: string];

const SETTINGS: readonly Setting[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.symlinks", "true"],
  ["core.autocrlf", "false"],
  ["core.quotePath", "false"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["safe.directory", "*"],
  ["credential.helper", ""],
  ["protocol.allow", "never"],
  ["protocol.https.allow", "always"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "120"],
  ["gc.auto", "0"],
  ["gc.autoDetach", "false"],
  ["maintenance.auto", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["submodule.recurse", "false"],
  ["core.abbrev", "12"],
  ["advice.detachedHead", "false"],
  ["init.defaultBranch", "main"],
];

const LFS_SETTINGS: readonly Setting[] = [
  ["filter.lfs.process", "git-lfs filter-process"],
  ["filter.lfs.smudge", "git-lfs smudge -- %f"],
  ["filter.lfs.clean", "git-lfs clean -- %f"],
  ["filter.lfs.required", "true"],
];

/** Settings for git as GIT_CONFIG_* variables; the later of two settings wins. */
const configEnvironment = (settings: readonly Setting[]): Environment =>
  Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);

/** The environment with more settings behind those that it holds. */
export const withSettings = (env: Environment, more: readonly Setting[]): Environment => {
  const first = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  const added = more.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...env, ...Object.fromEntries(added), GIT_CONFIG_COUNT: String(first + more.length) };
};
