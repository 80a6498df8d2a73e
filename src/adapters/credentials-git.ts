import type { GitCredential } from "../model/isolation.ts";
import type { Redactor } from "../ports/redactor.ts";

type Setting = readonly [key: string, value: string];

/**
 * Settings for the git that an engine starts for modules, all by environment. Git asks the helper for these addresses
 * only; names and passwords are variables of their own, so that the helper's text is fixed.
 */
export const gitVariables = (
  credentials: readonly GitCredential[],
  redactor: Redactor,
): Readonly<Record<string, string>> => {
  if (credentials.length === 0) return {};
  const settings = [...REFUSED, ...credentials.flatMap(settingsOf)];
  for (const { username, password } of credentials) {
    redactor.learn(password);
    redactor.learn(Buffer.from(`${username}:${password}`).toString("base64"));
  }
  return {
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
    ...Object.fromEntries(
      credentials.flatMap(({ username, password }, index) => [
        [`PLUMBLINE_MODULE_USER_${index}`, username],
        [`PLUMBLINE_MODULE_PASSWORD_${index}`, password],
      ]),
    ),
  };
};

// An empty helper forgets those of the machine, which would be told what works.
const REFUSED: readonly Setting[] = [["credential.helper", ""]];

const settingsOf = ({ url }: GitCredential, index: number): readonly Setting[] => {
  const address = url.replace(/\/+$/, "");
  const { host, pathname } = new URL(url);
  const path = pathname.replace(/^\/+|\/+$/g, "");
  const below = path === "" ? "" : `${path}/`;
  return [
    [`credential.${address}.helper`, helper(index)],
    // Without it git asks by host alone, and a path would never fit.
    ...(path === "" ? [] : [[`credential.https://${host}.useHttpPath`, "true"] as const]),
    // Modules that name the host by SSH are fetched by the same credential.
    [`url.https://${host}/${below}.insteadOf`, `git@${host}:${below}`],
    [`url.https://${host}/${below}.insteadOf`, `ssh://git@${host}/${below}`],
  ];
};

const helper = (index: number): string =>
  `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$PLUMBLINE_MODULE_USER_${index}" "$PLUMBLINE_MODULE_PASSWORD_${index}"; }; f`;
