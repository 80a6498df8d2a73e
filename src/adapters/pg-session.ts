import { withoutRows } from "../migration/row-words.ts";
import type { DatabaseTarget } from "../model/migration.ts";

export type Row = Readonly<Record<string, unknown>>;

/** One session of a database that migrations are meant for. Statements run one after another. */
export interface Target {
  /** Where it is, without secrets: `host:5432/name`. */
  readonly place: string;
  /** Major version of the server. */
  readonly version: number;
  /** Whether it holds rows that whoever reads about a failing statement may not see; `hidingRows` says so. */
  readonly hidesRows?: true;
  /** Rows of one statement; numbers of 8 bytes come as text. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** One statement as it is written, without values. Rows that it says it changed; null where it changes none. */
  run(text: string): Promise<number | null>;
  /** A `COPY ... FROM stdin` with its rows; how many there were. */
  copy(text: string, rows: string): Promise<number | null>;
  close(): Promise<void>;
}

/** What a server said, without the text of the statement, which may hold secrets. */
export const serverWords = (
  thrown: unknown,
): { readonly message: string; readonly code: string | null; readonly position: number | null } => {
  const {
    message = String(thrown),
    code,
    position,
  } = thrown as { message?: string; code?: unknown; position?: unknown };
  const at = Number(position);
  return {
    message,
    code: typeof code === "string" ? code : null,
    position: Number.isInteger(at) && at > 0 ? at - 1 : null,
  };
};

/** The same session, of which no failing statement tells what may be a row's. */
export const hidingRows = (target: Target): Target => ({ ...target, hidesRows: true });

/** What a session may tell of a statement that failed in it; `text` is the statement. */
export const wordsFor = (
  { hidesRows }: Target,
  thrown: unknown,
  text = "",
): ReturnType<typeof serverWords> => {
  const said = serverWords(thrown);
  if (hidesRows !== true) return said;
  const { code: state, position, message } = said;
  const { routine } = thrown as { routine?: unknown };
  const raised = typeof routine === "string" ? RAISES.test(routine) : null;
  return { ...said, message: withoutRows({ message, state, pointed: position !== null, raised, text }) };
};

// Places in the server where code of a user raises: PL/pgSQL, PL/Python, PL/Perl, PL/Tcl.
const RAISES = /^(exec_stmt_|ply_|plperl|pltcl|do_util_elog)/i;

/** Where a session works, and as whom. */
export const targetOf = async (target: Target): Promise<DatabaseTarget> => {
  const [row] = await target.query("select current_user as who");
  return { place: target.place, version: target.version, user: String(row?.["who"] ?? "") };
};
