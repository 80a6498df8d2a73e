import { isJsonObject, type Json, tryJson } from "../model/json.ts";
import { SENSITIVE } from "./placeholder.ts";

const NAMES_A_SECRET =
  /(?:passw(?:or)?d|passphrase|secret|token|api_?key|private_?key|access_?key|credentials?)$/i;
const ENVIRONMENT_NAME = /^[A-Z][A-Z0-9_]*$/;
const SHORTEST = 6;

/**
 * Values that nobody marked and whose name gives them away: members of a JSON document inside a text, as task
 * definitions hold them, and environment variables. `found` gets those that no other text holds by chance.
 */
export const hideNamedSecrets = (value: Json, found: Set<string>): Json => {
  if (typeof value === "string") return hideInDocument(value, found);
  if (Array.isArray(value)) return value.map((item) => hideNamedSecrets(item, found));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      isSecret(name, item) && ENVIRONMENT_NAME.test(name)
        ? taken(item, found)
        : hideNamedSecrets(item, found),
    ]),
  );
};

const isSecret = (name: string, value: Json): value is string =>
  typeof value === "string" && value.length >= SHORTEST && NAMES_A_SECRET.test(name) && value !== SENSITIVE;

const taken = (value: string, found: Set<string>): string => {
  // A plain word stands elsewhere too; hiding it there would hide the plan.
  if (value.length >= 16 || /[0-9]/.test(value)) found.add(value);
  return SENSITIVE;
};

const hideInDocument = (text: string, found: Set<string>): string => {
  const document = /^\s*[[{]/.test(text) ? tryJson(text) : undefined;
  if (document === undefined) return text;
  const secrets = secretsIn(document);
  for (const secret of secrets) taken(secret, found);
  return secrets.reduce((shown, secret) => shown.replaceAll(JSON.stringify(secret), `"${SENSITIVE}"`), text);
};

const secretsIn = (value: Json): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (!isJsonObject(value)) return [];
  const { name, value: content } = value;
  const pair = typeof name === "string" && content !== undefined && isSecret(name, content) ? [content] : [];
  const named = Object.entries(value).flatMap(([key, item]) =>
    isSecret(key, item) ? [item] : secretsIn(item),
  );
  return [...pair, ...named];
};
