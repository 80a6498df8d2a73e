import type { Case } from "./cases.ts";
import { FIRST_CASES } from "./cases.ts";
import { MORE_CASES } from "./more-cases.ts";
import { PARTS } from "./structure-batches.ts";

export const CASES: readonly Case[] = [...FIRST_CASES, ...MORE_CASES];

/** The table of docs/codify.md: what the proof tests hold, form by form. */
export const formsTable = (): string => {
  const rows = [...CASES, ...PARTS].map(({ form, result = "proven", refuses = [] }) => {
    const why = refuses.length === 0 ? "" : ` (${refuses.join("; ")})`;
    return `| ${form.replaceAll("|", "\\|")} | ${result}${why} |`;
  });
  return ["| form | result |", "|---|---|", ...rows].join("\n");
};
