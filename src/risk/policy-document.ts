import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { jsonText } from "../model/value-diff.ts";

/** The statements of a policy document that grant something to everybody, as text to compare. */
export const publicGrants = (value: Json | undefined): readonly string[] =>
  grants(value)
    .filter((statement) => isForEverybody(statement) && !isBoundToCaller(statement))
    .map(({ Sid, ...statement }) => canonicalJson(statement));

/** Each principal that a policy document names, told apart by whether a condition binds it. */
export const principals = (value: Json | undefined): readonly string[] =>
  grants(value).flatMap((statement) => {
    const bound = hasCondition(statement) ? " (bound)" : "";
    return principalsOf(statement).flatMap((name) =>
      bound === "" ? [name, `${name} (bound)`] : [`${name}${bound}`],
    );
  });

const grants = (value: Json | undefined): readonly JsonObject[] => {
  const document = jsonText(value) ?? value;
  if (!isJsonObject(document)) return [];
  const listed = document["Statement"] ?? [];
  return (Array.isArray(listed) ? listed : [listed])
    .filter(isJsonObject)
    .filter((statement) => statement["Effect"] !== "Deny");
};

const isForEverybody = (statement: JsonObject): boolean =>
  statement["NotPrincipal"] !== undefined || principalsOf(statement).includes("*");

const principalsOf = (statement: JsonObject): readonly string[] => {
  const principal = statement["Principal"];
  if (principal === undefined) return [];
  if (!isJsonObject(principal)) return [principal].flat().map(String);
  return Object.values(principal).flat().map(String);
};

const hasCondition = (statement: JsonObject): boolean => {
  const condition = statement["Condition"];
  return isJsonObject(condition) && Object.keys(condition).length > 0;
};

// `*` with a condition on who calls is how services are let in; a condition on anything else binds nobody.
const isBoundToCaller = (statement: JsonObject): boolean => {
  const condition = statement["Condition"];
  if (!isJsonObject(condition)) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      !operator.includes("Not") &&
      isJsonObject(keys) &&
      Object.keys(keys).some((key) => CALLER_KEYS.has(key.toLowerCase())),
  );
};

const CALLER_KEYS = new Set([
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceowner",
  "aws:sourceorgid",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceip",
  "aws:principalorgid",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:userid",
  "kms:calleraccount",
  "s3:dataaccesspointaccount",
]);
