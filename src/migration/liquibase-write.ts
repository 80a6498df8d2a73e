import { nextVersion } from "./next-version.ts";

/** A changeset in Liquibase's formatted SQL. */
export interface WrittenChangeset {
  readonly id: string;
  readonly text: string;
  /** Its statements refuse a transaction. */
  readonly alone: boolean;
}

/** Whose changesets they are. */
export const CHANGESET_AUTHOR = "plumbline";

/** A file of changesets, or, behind `before`, that file with them at its end. */
export const formattedSql = (changesets: readonly WrittenChangeset[], before: string | null = null): string =>
  `${before === null ? "--liquibase formatted sql\n" : before.replace(/\n*$/, "\n")}\n${changesets.map(changesetText).join("\n")}`;

// Only in one piece a body between dollars stays whole; statements that refuse a transaction must be sent one by one.
const changesetText = ({ id, text, alone }: WrittenChangeset): string =>
  `--changeset ${CHANGESET_AUTHOR}:${id} ${alone ? "runInTransaction:false" : "splitStatements:false"} stripComments:false\n${text.trimEnd()}\n`;

/** Names that are not taken: the second of a name gets `_2`. */
export const freeIds = (wanted: readonly string[], taken: ReadonlySet<string>): readonly string[] => {
  const used = new Set(taken);
  return wanted.map((name) => {
    let id = name;
    for (let count = 2; used.has(id); count += 1) id = `${name}_${count}`;
    used.add(id);
    return id;
  });
};

/** A name for the next file among others, numbered as the newest of them; `plumbline-1-...` where none is. */
export const nextChangelogName = (names: readonly string[], description: string, now: Date): string => {
  const numbered = names.flatMap((name) => {
    const [, head = "", number, mark] = /^(\D*)(\d+)([-_.]+)/.exec(name) ?? [];
    return number === undefined || mark === undefined ? [] : [{ head, number, mark }];
  });
  const newest = numbered.toSorted((a, b) => (BigInt(a.number) < BigInt(b.number) ? -1 : 1)).at(-1);
  const { head, number, mark } = newest ?? { head: `${CHANGESET_AUTHOR}-`, number: "0", mark: "-" };
  return `${head}${nextVersion(number, now)}${mark}${description}.sql`;
};

/**
 * A root changelog in XML, YAML or JSON with one more include at its end, `file` as seen from it, and nothing else
 * changed; null where its form is another than that of a plain list.
 */
export const withInclude = (path: string, text: string, file: string): string | null => {
  if (/[^\w./-]/.test(file)) return null;
  if (/\.xml$/i.test(path)) return inXml(text, file);
  if (/\.json$/i.test(path)) return inJson(text, file);
  return /\.ya?ml$/i.test(path) ? inYaml(text, file) : null;
};

const inXml = (text: string, file: string): string | null => {
  const [whole, before, indent = "", tail] =
    /^([\s\S]*\n)?([ \t]*)(<\/databaseChangeLog\s*>\s*)$/.exec(text) ?? [];
  if (whole === undefined || before === undefined || tail === undefined) return null;
  const [first] = /(?<=\n)[ \t]+(?=<(?:include|includeAll|changeSet)\b)/.exec(before) ?? [];
  const own = first ?? `${indent}    `;
  return `${before}${own}<include file="${file}" relativeToChangelogFile="true"/>${newline(text)}${indent}${tail}`;
};

const inJson = (text: string, file: string): string | null => {
  const [whole, before = "", gap = "", tail = ""] = /^([\s\S]*[}\]])(\s*)(\]\s*\}\s*)$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const indent = /\n([ \t]*)\{/.exec(before)?.[1];
  const start = indent === undefined ? " " : `${newline(text)}${indent}`;
  const entry = JSON.stringify({ include: { file, relativeToChangelogFile: true } });
  return `${before},${start}${entry}${gap}${tail}`;
};

const inYaml = (text: string, file: string): string | null => {
  const indents = [
    ...text.matchAll(/^([ \t]*)-[ ]+(?:changeSet|include|includeAll|preConditions|property)\s*:/gm),
  ];
  const [indent] = indents.map(([, spaces = ""]) => spaces).toSorted((a, b) => a.length - b.length);
  if (indent === undefined || !/^databaseChangeLog:\s*$/m.test(text)) return null;
  const lines = [
    `${indent}- include:`,
    `${indent}    file: ${file}`,
    `${indent}    relativeToChangelogFile: true`,
  ];
  const end = newline(text);
  return `${text.replace(/\s*$/, end)}${lines.map((line) => line + end).join("")}`;
};

const newline = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");
