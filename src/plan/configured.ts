import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** Names of the attributes and blocks that the code sets on a resource; undefined where the code is not known. */
export type Configured = (address: string) => ReadonlySet<string> | undefined;

/** Reads `configuration`: one entry per resource block, whatever its count or for_each. */
export const configuredAttributes = (configuration: JsonObject | null): Configured => {
  const expressionsOf = configuredExpressions(configuration);
  return (address) => {
    const expressions = expressionsOf(address);
    return expressions && new Set(Object.keys(expressions));
  };
};

/** The expressions of a resource's block, by the address of an instance; undefined where the code is not known. */
export const configuredExpressions = (
  configuration: JsonObject | null,
): ((address: string) => JsonObject | undefined) => {
  const byBlock = new Map<string, JsonObject>();
  collect(configuration?.["root_module"], "", byBlock);
  return (address) => byBlock.get(withoutKeys(address));
};

const collect = (node: Json | undefined, prefix: string, found: Map<string, JsonObject>): void => {
  if (!isJsonObject(node)) return;
  const resources = Array.isArray(node["resources"]) ? node["resources"] : [];
  for (const resource of resources.filter(isJsonObject)) {
    const expressions = resource["expressions"];
    found.set(`${prefix}${resource["address"]}`, isJsonObject(expressions) ? expressions : {});
  }
  const calls = isJsonObject(node["module_calls"]) ? node["module_calls"] : {};
  for (const [name, call] of Object.entries(calls)) {
    collect(isJsonObject(call) ? call["module"] : undefined, `${prefix}module.${name}.`, found);
  }
};

/** `module.a["x.y"].aws_b.c[0]` -> `module.a.aws_b.c`: instance keys may hold dots, brackets and quotes. */
const withoutKeys = (address: string): string => address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, "");
