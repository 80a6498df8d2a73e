import type { Setting } from "../model/config.ts";
import type { Json, JsonObject } from "../model/json.ts";

/**
 * The settings in force, down to the second level of the file, each with where it comes from. Whatever may hold a secret
 * is told as `set`.
 */
export const settingsOf = (
  inForce: object,
  file: unknown,
  variables: ReadonlyMap<string, string>,
): readonly Setting[] =>
  Object.entries(plain(inForce)).flatMap(([key, value]) =>
    isGroup(value)
      ? Object.entries(value).map(([inner, one]) => setting([key, inner], one, file, variables))
      : [setting([key], value, file, variables)],
  );

const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const isGroup = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const setting = (
  place: readonly string[],
  value: Json,
  file: unknown,
  variables: ReadonlyMap<string, string>,
): Setting => {
  const key = place.join(".");
  const from = variables.get(key) ?? variables.get(place[0] ?? "") ?? null;
  const source = from !== null ? "variable" : isWritten(file, place) ? "file" : "default";
  return { key, value: withoutSecrets(place.at(-1) ?? "", value), source, from };
};

const isWritten = (file: unknown, place: readonly string[]): boolean => {
  let here = file;
  for (const step of place) {
    if (!isGroup(here) || !Object.hasOwn(here, step)) return false;
    here = here[step];
  }
  return true;
};

// Addresses of databases and of chat hooks are as secret as a password.
const SECRET =
  /secret|token|password|passphrase|credential|(^|_)keys?$|private|(^|_)env$|database_url|^url$|^headers$/i;

const withoutSecrets = (name: string, value: Json): Json => {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (SECRET.test(name)) return isEmpty(value) ? value : "set";
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(name, one));
  if (!isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, withoutSecrets(inner, one)]));
};

const isEmpty = (value: Json): boolean =>
  value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
