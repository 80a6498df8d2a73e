import { bytesText, countText } from "../model/amount-text.ts";
import type { TouchedTable } from "../model/schema-context.ts";
import { codeCell, plain } from "./escape.ts";
import { type Block, text } from "./pack.ts";

const MOST_TABLES = 20;
const MOST_NAMES = 5;

/** What the target holds of the tables that migrations touch, the largest first. */
export const tablesBlocks = (tables: readonly TouchedTable[]): readonly Block[] => {
  if (tables.length === 0) return [];
  const left = tables.length - MOST_TABLES;
  return [
    {
      head: `**Live tables that they touch**\n\n${HEAD}`,
      lines: tables.slice(0, MOST_TABLES).map(rowOf),
      tail: "",
    },
    ...(left > 0 ? [text(`${left} smaller ones are left out here; the run's page has them.`)] : []),
  ];
};

const HEAD =
  "| table | rows, estimated | size | indexes | used by | last use | classification |\n|---|---|---|---|---|---|---|";

const rowOf = (table: TouchedTable): string => {
  const cells = [codeCell(table.name), countText(table.rows), bytesText(table.bytes)];
  return `| ${[...cells, indexesOf(table), usersOf(table), useOf(table), classesOf(table)].join(" | ")} |`;
};

const indexesOf = ({ indexes }: TouchedTable): string => {
  const invalid = indexes.filter(({ valid }) => !valid).length;
  return `${indexes.length}${invalid === 0 ? "" : `, ${invalid} invalid`}`;
};

const usersOf = ({ dependants }: TouchedTable): string => {
  const named = dependants.slice(0, MOST_NAMES).map(({ kind, name }) => `${kind} ${codeCell(name)}`);
  const left = dependants.length - named.length;
  return [...named, ...(left > 0 ? [`${left} more`] : [])].join(", ");
};

const useOf = ({ reads, lastRead, countedSince }: TouchedTable): string => {
  const since = countedSince === null ? "" : ` since ${countedSince.slice(0, 10)}`;
  if (reads === 0) return `never read${since}`;
  const last = lastRead === null ? "" : `, last ${lastRead.slice(0, 10)}`;
  return `${countText(reads)} ${reads === 1 ? "read" : "reads"}${since}${last}`;
};

const classesOf = ({ classification, columns }: TouchedTable): string =>
  [
    ...(classification === null ? [] : [plain(classification)]),
    ...Object.entries(columns).map(([column, kind]) => `${codeCell(column)} ${plain(kind)}`),
  ].join(", ");
