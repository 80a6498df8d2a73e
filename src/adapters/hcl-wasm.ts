import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";
import { hclParser } from "../hcl/parse.ts";
import type { ParseHcl } from "../hcl/syntax.ts";

/** Loads the HCL grammar (about 50 ms, once per process) and gives the function that parses with it. */
export const loadHcl = (): Promise<ParseHcl> => {
  loaded ??= load();
  return loaded;
};

let loaded: Promise<ParseHcl> | undefined;

const load = async (): Promise<ParseHcl> => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve(
    "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm",
  );
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return hclParser(parser);
};
