import { isJsonObject, type Json, tryJson } from "../model/json.ts";

const NAME = /(secret|token|pass|private|key|credential|assertion)/i;
const HARMLESS_NAME = /(_id|_uri|_url|_type|type|universe_domain)$/i;
const LEAST = 12;

/**
 * What of a credentials file must never be shown: in JSON the values under telling names, in `name = value` files the
 * values under such names, and else the text itself with its longer lines.
 */
export const secretsInFile = (text: string): readonly string[] => {
  const json = tryJson(text);
  if (json !== undefined) return inJson("", json);
  const pairs = [...text.matchAll(/^[ \t]*([\w.-]+)[ \t]*=[ \t]*(\S.*)$/gm)];
  if (pairs.length > 0)
    return pairs.flatMap(([, name = "", value = ""]) => (NAME.test(name) ? [unquoted(value.trim())] : []));
  const whole = text.trim();
  return [whole, ...whole.split(/\s+/).filter((word) => word.length >= LEAST)];
};

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, "$2");

const inJson = (name: string, value: Json): readonly string[] => {
  if (typeof value === "string") {
    const telling = name === "" || (NAME.test(name) && !HARMLESS_NAME.test(name));
    return telling ? [value] : [];
  }
  if (Array.isArray(value)) return value.flatMap((one) => inJson(name, one));
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, one]) => inJson(key, one)) : [];
};
