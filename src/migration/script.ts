import type { Node } from "libpg-query";
import type { Json } from "../model/json.ts";

/** Where something begins in a script. Line and column count from 1, the column in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** Bytes of UTF-8 from the start of the file, a byte order mark included. */
  readonly byte: number;
}

/** Text of a script between two UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Comment extends Span {
  /** Without `--` or the slashes and stars. */
  readonly text: string;
}

/** What a script is made of: a statement without its semicolon, the rows of a COPY, or a line meant for psql. */
export type Part =
  | (Span & { readonly kind: "statement"; readonly comments: readonly Comment[] })
  | (Span & { readonly kind: "copy-data"; readonly terminated: boolean })
  | (Span & { readonly kind: "psql" });

/** PostgreSQL's own parser, loaded: what one text means, or the server's words on where it stops meaning anything. */
export interface SqlParser {
  (sql: string): ParsedSql;
  /** PL/pgSQL's own parser: the body of a whole DO or CREATE FUNCTION statement. */
  readonly plpgsql: (statement: string) => ParsedBlock;
}
export type ParsedBlock =
  | {
      readonly ok: true;
      /** libpg_query's JSON of PLpgSQL_function. */
      readonly tree: Json;
    }
  | { readonly ok: false; readonly message: string };
export type ParsedSql =
  | { readonly ok: true; readonly nodes: readonly Node[] }
  | {
      readonly ok: false;
      readonly message: string;
      /** Characters (code points) from the start of the text; null where the server names no place. */
      readonly position: number | null;
    };

export interface Statement {
  /** From its first to its last token, comments between them included. */
  readonly text: string;
  readonly place: Place;
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Empty where the text could not be parsed. */
  readonly nodes: readonly Node[];
  readonly error: { readonly message: string; readonly place: Place } | null;
  /** The comments before it and inside it, and behind it on its last line. */
  readonly comments: readonly PlacedComment[];
  /** Rows that follow a `COPY ... FROM stdin`, without the closing line; null for every other statement. */
  readonly copyData: string | null;
}

export interface PlacedComment {
  readonly text: string;
  readonly place: Place;
}

/** A line that only psql understands: no server and no other tool runs it. */
export interface PsqlCommand {
  readonly text: string;
  readonly place: Place;
}

export interface Script {
  readonly statements: readonly Statement[];
  readonly psql: readonly PsqlCommand[];
  /** Comments that no statement follows. */
  readonly loose: readonly PlacedComment[];
}
