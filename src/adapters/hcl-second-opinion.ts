import { createRequire } from "node:module";

/** Whether an independent parser (hashicorp/hcl, compiled to JavaScript) reads the text; asked as a veto only. */
export type SecondOpinion = (text: string) => boolean;

interface Hcl2Parser {
  /** Text and problem; the text is empty where there is a problem. */
  parseToString(input: string): readonly [string, unknown];
}

/** Loads the parser (half a second) when it is first asked for. It reads no `provider::` functions: ask before and after. */
export const secondOpinion = (): SecondOpinion => {
  loaded ??= createRequire(import.meta.url)("hcl2-parser") as Hcl2Parser;
  const parser = loaded;
  return (text) => {
    try {
      return parser.parseToString(text)[0] !== "";
    } catch {
      return false;
    }
  };
};

let loaded: Hcl2Parser | undefined;
