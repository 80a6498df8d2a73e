import { parseAllDocuments } from "yaml";
import { canonicalJson, isJsonObject, type Json } from "../model/json.ts";

/** Whether chart values, YAML texts or `{name, value}` settings, differ in what keeps data. */
export const persistenceDiffers = (before: Json | undefined, after: Json | undefined): boolean =>
  canonicalJson(persistentSettings(before)) !== canonicalJson(persistentSettings(after));

const persistentSettings = (value: Json | undefined): Json => {
  const found: [string, Json][] = [];
  for (const item of Array.isArray(value) ? value : [value ?? null]) collect(documentOf(item), "", found);
  return Object.fromEntries(found.filter(([path]) => KEEPS_DATA.test(path)));
};

const KEEPS_DATA = /persist|storage|volume|pvc|retention|reclaim|accessmodes|existingclaim/i;

/** Settings of the text; a text that cannot be read counts whole. */
const documentOf = (item: Json): Json => {
  if (isJsonObject(item) && typeof item["name"] === "string")
    return { [item["name"]]: item["value"] ?? null };
  if (typeof item !== "string") return item;
  const documents = parseAllDocuments(item, { prettyErrors: false });
  if (!Array.isArray(documents) || documents.some((document) => document.errors.length > 0)) {
    return { "unreadable storage": item };
  }
  return documents.map((document) => document.toJS() as Json);
};

const collect = (value: Json, path: string, found: [string, Json][]): void => {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) collect(item, `${path}[${index}]`, found);
  else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) collect(item, `${path}.${key}`, found);
  } else found.push([path, value]);
};
