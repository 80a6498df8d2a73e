import { offsetOfCharacter, placesIn } from "./place.ts";
import type { Comment, Part, Place, PsqlCommand, Script, SqlParser, Statement } from "./script.ts";
import { splitScript } from "./split.ts";

/**
 * A file's text as statements with their places. A statement that the server would refuse has its `error`; the others
 * are read nevertheless. Flyway's `${placeholders}` are read as names where the text makes no sense otherwise.
 */
export const parseScript = (text: string, parse: SqlParser): Script => {
  const bom = text.startsWith("\uFEFF");
  const source = bom ? text.slice(1) : text;
  const { parts, loose } = splitScript(source);
  const placeOf = placesIn(source, bom);
  const beyond = firstBeyond(parts);
  if (beyond !== null) return unread(source.slice(beyond, beyond + 100), placeOf(beyond));
  const statements: Statement[] = [];
  const psql: PsqlCommand[] = [];
  for (const part of parts) {
    if (part.kind === "psql")
      psql.push({ text: source.slice(part.start, part.end), place: placeOf(part.start) });
    if (part.kind === "copy-data") withRows(statements, source.slice(part.start, part.end));
    if (part.kind === "statement") statements.push(readStatement(source, part, placeOf, parse));
  }
  return { statements, psql, loose: loose.map((comment) => placed(comment, placeOf)) };
};

/** The one statement of a text; null where it holds another number of them, or a line for psql. */
export const onlyStatement = (text: string, parse: SqlParser): Statement | null => {
  const { statements, psql } = parseScript(text, parse);
  const [only = null, ...more] = statements;
  return more.length === 0 && psql.length === 0 ? only : null;
};

// Reading takes seconds and hundreds of megabytes for each; whoever reads is a service that has others to serve.
const MOST = 8_000_000;

/** Where a statement begins with which a file's statements, rows of COPY apart, are too many to be read. */
const firstBeyond = (parts: readonly Part[]): number | null => {
  let length = 0;
  for (const part of parts) {
    if (part.kind !== "copy-data") length += part.end - part.start;
    if (length > MOST) return part.start;
  }
  return null;
};

const unread = (text: string, place: Place): Script => {
  const message =
    "more than 8 million characters of statements in one file (load rows by COPY ... FROM stdin, or part the file)";
  const statement = { text, place, bytes: 0, nodes: [], error: { message, place } };
  return { statements: [{ ...statement, comments: [], copyData: null }], psql: [], loose: [] };
};

const withRows = (statements: Statement[], copyData: string): void => {
  const last = statements.pop();
  if (last) statements.push({ ...last, copyData });
};

const readStatement = (
  source: string,
  part: Extract<Part, { kind: "statement" }>,
  placeOf: (offset: number) => Place,
  parse: SqlParser,
): Statement => {
  const text = source.slice(part.start, part.end);
  const place = placeOf(part.start);
  const read = readText(text, parse);
  const at = read.ok || read.position === null ? 0 : offsetOfCharacter(text, read.position);
  return {
    text,
    place,
    bytes: Buffer.byteLength(text),
    nodes: read.ok ? read.nodes : [],
    error: read.ok ? null : { message: read.message, place: placeOf(part.start + at) },
    comments: part.comments.map((comment) => placed(comment, placeOf)),
    copyData: null,
  };
};

// The parser's text ends at a zero byte, and what follows would go unread.
const readText = (text: string, parse: SqlParser): ReturnType<SqlParser> => {
  const zero = text.indexOf("\0");
  if (zero !== -1)
    return {
      ok: false,
      message: "a zero byte in the text, as files have that are saved as UTF-16",
      position: [...text.slice(0, zero)].length,
    };
  const read = parse(text);
  if (read.ok || !text.includes("${")) return read;
  return parse(text.replaceAll(PLACEHOLDER, standIn));
};

const PLACEHOLDER = /\$\{[^{}\r\n]+\}/g;

/** A name of the same length, so that places stay right. */
const standIn = (placeholder: string): string => `p_${placeholder.slice(2, -1).replaceAll(/\W/g, "_")}_`;

const placed = ({ text, start }: Comment, placeOf: (offset: number) => Place) => ({
  text,
  place: placeOf(start),
});
