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

/** The statements that allow all there is to do, or all about identities, on everything. */
export const fullGrants = (value: Json | undefined): readonly string[] =>
  grants(value)
    .filter(isFull)
    .map(({ Sid, ...statement }) => canonicalJson(statement));

const isFull = (statement: JsonObject): boolean =>
  textsAt(statement, "Action").some((action) => FULL_ACTIONS.has(action.toLowerCase())) &&
  textsAt(statement, "Resource").includes("*");

const textsAt = (statement: JsonObject, key: string): readonly string[] =>
  [statement[key] ?? []].flat().map(String);

const FULL_ACTIONS = new Set(["*", "*:*", "iam:*", "sts:*"]);

const grants = (value: Json | undefined): readonly JsonObject[] => {
  const document = jsonText(value) ?? value;
  if (!isJsonObject(document)) return [];
  if (Array.isArray(document["bindings"])) return bindings(document["bindings"]);
  const listed = document["Statement"] ?? [];
  return (Array.isArray(listed) ? listed : [listed])
    .filter(isJsonObject)
    .filter((statement) => statement["Effect"] !== "Deny");
};

/** Google's form, role by role, as statements. */
const bindings = (listed: readonly Json[]): readonly JsonObject[] =>
  listed.filter(isJsonObject).map((one) => ({
    Effect: "Allow",
    Principal: one["members"] ?? [],
    Action: one["role"] ?? "",
    ...(one["condition"] === undefined ? {} : { Condition: one["condition"] }),
  }));

const isForEverybody = (statement: JsonObject): boolean =>
  statement["NotPrincipal"] !== undefined || principalsOf(statement).some((name) => EVERYBODY.has(name));

const EVERYBODY = new Set(["*", "allUsers", "allAuthenticatedUsers"]);

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
