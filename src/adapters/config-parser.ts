import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";
import type { Json } from "../model/json.ts";

interface Hcl2Parser {
  /** What hcl2json makes of the text, which conftest uses too; null where it does not parse. */
  parseToObject(text: string): readonly [Json, unknown];
}

/**
 * Reads a configuration as conftest hands it to policies. HCL becomes what hcl2json makes of it: every block is an entry
 * of a list below its labels, and expressions are text in `${}`. Throws an Error where the text does not parse.
 */
export const parseConfiguration = (parser: string, text: string): Json => {
  switch (parser) {
    case "hcl2":
      return hcl(text);
    case "yaml":
      return yaml(text);
    case "json":
      return JSON.parse(text) as Json;
    default:
      throw new Error(`the parser ${parser} is not offered: hcl2, yaml and json are`);
  }
};

const hcl = (text: string): Json => {
  // It takes half a second to load, and few tests need it.
  loaded ??= createRequire(import.meta.url)("hcl2-parser") as Hcl2Parser;
  const [value] = loaded.parseToObject(text);
  if (value === null) throw new Error("the text does not parse as HCL");
  return value;
};

let loaded: Hcl2Parser | undefined;

/** One document stands for itself, several are a list. */
const yaml = (text: string): Json => {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if (!Array.isArray(documents)) return null;
  const wrong = documents.flatMap(({ errors }) => errors)[0];
  if (wrong) throw new Error(`the text does not parse as YAML: ${wrong.message}`);
  const values = documents.map((document) => document.toJS({ maxAliasCount: 100 }) as Json);
  return values.length === 1 ? (values[0] ?? null) : values;
};
