import { type ChangeClass, worstClass } from "../model/change-class.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { MigrationProposal, ProposalPurpose, Unwritten } from "../model/migration-proposal.ts";
import type { SqlFinding } from "../model/sql-lint.ts";
import { lintScripts } from "./lint.ts";
import { parseScript } from "./parse-script.ts";
import type { SqlParser } from "./script.ts";
import { type SchemaChange, writeSchemaChange } from "./write-change.ts";
import { scriptsOf } from "./write-script.ts";

/** What the files of a proposal are written with. */
export interface ProposalWords {
  readonly purpose: ProposalPurpose;
  /** What the next migrations are called. */
  readonly name: (descriptions: readonly string[]) => readonly string[];
  readonly now: Date;
  /** Major version of the oldest server that runs them. */
  readonly version: number;
  readonly parse: SqlParser;
}

/** What runs as one. */
export interface ProposedScript {
  readonly path: string;
  readonly text: string;
  /** Its statements refuse a transaction. */
  readonly alone: boolean;
}

export interface ProposedChange
  extends Pick<MigrationProposal, "class" | "findings" | "destroys" | "unwritten"> {
  readonly scripts: readonly ProposedScript[];
}

/** What makes `from` into `to`. Scripts of formalize and revert do nothing where that has been done. */
export const proposeChange = (
  from: SchemaSnapshot,
  to: SchemaSnapshot,
  words: ProposalWords,
): ProposedChange => {
  const { change, unwritten } = withoutPlaceholders(writeSchemaChange(from, to, words));
  const destroys = change.statements.flatMap((each) => each.destroys ?? []);
  const written = scriptsOf(change, { guarded: words.purpose !== "declare" });
  const paths = words.name(
    written.map(({ purpose }) => [NAMES[words.purpose], purpose].filter((part) => part !== "").join("_")),
  );
  const scripts = written.map(({ text, purpose }, index) => ({
    path: paths[index] ?? "",
    text: `${HEADS[words.purpose]}\n${text}`,
    alone: purpose === "indexes",
  }));
  return {
    scripts,
    ...judged(scripts, destroys, words),
    destroys,
    unwritten,
  };
};

const NAMES: Readonly<Record<ProposalPurpose, string>> = {
  formalize: "formalize_drift",
  revert: "revert_drift",
  declare: "desired_schema",
};

const HEADS: Readonly<Record<ProposalPurpose, string>> = {
  formalize:
    "-- Makes the history explain what was changed by hand. Does nothing where that was done, and the same elsewhere.",
  revert: "-- Takes back what was changed by hand. Does nothing where nobody did.",
  declare: "-- From the history to the desired schema.",
};

// Migration tools fill `${name}` wherever it stands, in the body of a function too.
const withoutPlaceholders = (
  change: SchemaChange,
): { readonly change: SchemaChange; readonly unwritten: readonly Unwritten[] } => {
  const strange = change.statements.filter(({ sql }) => sql.includes("${"));
  return {
    change: { ...change, statements: change.statements.filter((each) => !strange.includes(each)) },
    unwritten: [
      ...change.unwritten,
      ...strange.map(({ address }) => ({
        address,
        path: "",
        why: "its text holds a dollar with braces, which a migration tool would read as a placeholder",
      })),
    ],
  };
};

/** The same with the word of whoever answers for what the analysis would refuse, before each such statement. */
export const accepted = (
  change: ProposedChange,
  words: Pick<ProposalWords, "parse" | "version" | "now"> & { readonly acceptedBy: string | null },
): ProposedChange => {
  const { acceptedBy, parse } = words;
  const refused = change.findings.filter(({ severity }) => severity === "error");
  if (acceptedBy === null || refused.length === 0) return change;
  const scripts = change.scripts.map((script) => {
    const own = refused.filter(({ file }) => file === script.path);
    return { ...script, text: withWord(script.text, own, acceptedBy, parse) };
  });
  return { ...change, scripts, ...judged(scripts, change.destroys, words) };
};

const withWord = (text: string, refused: readonly SqlFinding[], owner: string, parse: SqlParser): string => {
  const lines = text.split("\n");
  const { statements } = parseScript(text, parse);
  // From the end, so that the lines before keep their numbers.
  for (const [index, { place }] of [...statements.entries()].toReversed()) {
    const end = statements[index + 1]?.place.line ?? Number.POSITIVE_INFINITY;
    const own = refused.filter(({ line }) => line >= place.line && line < end);
    if (own.length > 0) lines.splice(place.line - 1, 0, word(own, owner));
  }
  return lines.join("\n");
};

const word = (refused: readonly SqlFinding[], owner: string): string => {
  const rules = [...new Set(refused.map(({ rule }) => rule))].join(", ");
  // Names of forges and key holders; a quote would end it.
  const who = owner.replaceAll(/["\r\n]/g, "");
  return `-- plumbline:ignore ${rules} reason="takes back what was done by hand" owner="${who}"`;
};

/** Class and findings of what is not in the folder yet. */
export const judged = (
  scripts: readonly Pick<ProposedScript, "path" | "text">[],
  destroys: readonly string[],
  { parse, version, now }: Pick<ProposalWords, "parse" | "version" | "now">,
): { readonly class: ChangeClass; readonly findings: readonly SqlFinding[] } => {
  const report = lintScripts(
    scripts.map(({ path, text }) => ({ file: path, script: parseScript(text, parse), repeatable: false })),
    { parse, version, today: now.toISOString().slice(0, 10), oneRun: true },
  );
  // Which values a type takes away depends on the one before it, which no file says.
  const least: readonly ChangeClass[] = destroys.length === 0 ? [] : ["R4"];
  return {
    class: scripts.length === 0 ? worstClass([]) : worstClass([report.class, ...least]),
    findings: report.findings,
  };
};
