import { leftOutReason } from "./left-out.ts";
import { isOfText } from "./own-words.ts";

/** What a server said of a statement that failed. */
export interface ServerSaid {
  readonly message: string;
  /** SQLSTATE; null where the connection was lost. */
  readonly state: string | null;
  /** Whether it points into the statement's own text. */
  readonly pointed: boolean;
  /** Whether a function or trigger wrote the words; null where nobody knows. */
  readonly raised: boolean | null;
  /** What was sent; empty where that is not known. */
  readonly text: string;
}

// About rights, locks, sessions and what the machine has, and about names that are there: made without any row.
const ROWLESS: readonly string[] = ["08", "0L", "0P", "21", "25", "28", "2B", "40", "53", "54", "55", "57"];
const ABOUT_WHAT_IS_THERE: readonly string[] = [
  "42501",
  "42701",
  "42710",
  "42712",
  "42723",
  "42P06",
  "42P07",
];
// About names of any kind: SQL that is put together from rows, or a row's text that is read as a name, may say one.
const NAMES: readonly string[] = ["0A", "26", "34", "3D", "3F", "42", "58", "XX"];
const DATA = "22";
const CONSTRAINT = "23";

/** A server's words for people who may not see rows: where they may quote one, what its SQLSTATE says instead. */
export const withoutRows = (said: ServerSaid): string => {
  const { message, state } = said;
  if (state === null || isRowless(state, said)) return message;
  return `${leftOutReason(state)} (the server's own words may quote a row and are left out)`;
};

const isRowless = (state: string, { message, pointed, raised, text }: ServerSaid): boolean => {
  const kind = state.slice(0, 2);
  if (raised === true) return false;
  // Names of constraint, table and column; the values are in its detail, which nobody here reads.
  if (kind === CONSTRAINT) return raised === false;
  // A constant of the file that cannot be read is told with its place, a row's value without one.
  if (kind === DATA) return pointed;
  if (NAMES.includes(kind)) return pointed || ABOUT_WHAT_IS_THERE.includes(state) || isOfText(message, text);
  return ROWLESS.includes(kind);
};

/**
 * The same of a tool that tells `ERROR: ...` with its detail and no SQLSTATE: known sentences without a value stay.
 * `text` is what the tool was to run.
 */
export const withoutRowsIn = (reason: string, text: string): string => {
  const [, said, more = ""] = /^ERROR: (.*?)( (?:Detail|Hint|Position|Where): .*)?$/s.exec(reason) ?? [];
  if (said === undefined) return reason;
  if (KNOWN.test(said) && (!MISSING.test(said) || / Position: /.test(more) || isOfText(said, text)))
    return said;
  return "the server refused it (its own words may quote a row and are left out)";
};

const MISSING = /does not exist|syntax error/;
const NAME = '"[^"]*"';
const KNOWN = new RegExp(
  [
    "[a-z ]+ \\S+ (?:of [a-z]+ \\S+ )?(?:does not exist|already exists)",
    `(?:syntax error at .*|permission denied for .*|must be owner of .*|deadlock detected)`,
    `duplicate key value violates unique constraint ${NAME}|could not create unique index ${NAME}`,
    `null value in column ${NAME} of relation ${NAME} violates not-null constraint`,
    `column ${NAME} of relation ${NAME} contains null values`,
    `(?:check constraint ${NAME} of|new row for) relation ${NAME} (?:is violated by some row|violates check constraint ${NAME})`,
    `insert or update on table ${NAME} violates foreign key constraint ${NAME}`,
    "cannot drop .* because other objects depend on it|canceling statement due to .*",
  ]
    .map((one) => `^(?:${one})$`)
    .join("|"),
);
