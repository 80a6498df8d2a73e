import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { looksSecret, namesSecret } from "./secret-look.ts";

/**
 * Whether a value that stands under this key, or anything in it, must not be written into code. `known` are texts that
 * a scanner took for secrets.
 */
export const secretIn = (key: string, value: Json, known: ReadonlySet<string> = NONE): boolean => {
  if (typeof value === "string")
    return (
      known.has(value) ||
      looksSecret(value) ||
      (namesSecret(key) && isPlainSecret(value)) ||
      (looksSecret(`${key}=${value}`) && namesSecret(key))
    );
  if (Array.isArray(value)) return value.some((item) => secretIn(key, item, known));
  if (!isJsonObject(value) || isExactNumber(value)) return false;
  return Object.entries(value).some(([name, member]) => secretIn(name, member, known));
};

const NONE: ReadonlySet<string> = new Set();

/** Every text in a value but the keys of its maps. */
export const textsIn = (value: Json): readonly string[] => {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) && !isExactNumber(value) ? Object.values(value).flatMap(textsIn) : [];
};

/** A name of something, an empty text or a reference by address is no secret by itself. */
const isPlainSecret = (value: string): boolean =>
  value.length >= 6 &&
  !/^(arn:|projects\/|\/|https?:\/\/|vault:|ssm:)/.test(value) &&
  !/^(true|false|null|none|enabled|disabled|required|optional)$/i.test(value);
