import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import { looksSecret, namesSecret } from "./secret-look.ts";

/** Whether a value that stands under this key, or anything in it, must not be written into code. */
export const secretIn = (key: string, value: Json): boolean => {
  if (typeof value === "string")
    return (
      looksSecret(value) ||
      (namesSecret(key) && isPlainSecret(value)) ||
      (looksSecret(`${key}=${value}`) && namesSecret(key))
    );
  if (Array.isArray(value)) return value.some((item) => secretIn(key, item));
  if (!isJsonObject(value) || isExactNumber(value)) return false;
  return Object.entries(value).some(([name, member]) => secretIn(name, member));
};

/** A name of something, an empty text or a reference by address is no secret by itself. */
const isPlainSecret = (value: string): boolean =>
  value.length >= 6 &&
  !/^(arn:|projects\/|\/|https?:\/\/|vault:|ssm:)/.test(value) &&
  !/^(true|false|null|none|enabled|disabled|required|optional)$/i.test(value);
