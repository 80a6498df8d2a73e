import { leftOutReason } from "./left-out.ts";

/** What a server said of a statement that failed. */
export interface ServerSaid {
  readonly message: string;
  /** SQLSTATE; null where the connection was lost. */
  readonly state: string | null;
  /** Whether it points into the statement's own text. */
  readonly pointed: boolean;
  /** Whether a function or trigger wrote the words; null where nobody knows. */
  readonly raised: boolean | null;
}

// About names, rights, sessions and what the machine has: words that the server makes without any row.
const ROWLESS: readonly string[] = [
  ...[
    "08",
    "0A",
    "0L",
    "0P",
    "21",
    "25",
    "26",
    "28",
    "2B",
    "3D",
    "3F",
    "40",
    "42",
    "53",
    "54",
    "55",
    "57",
    "58",
  ],
  "XX",
];
const DATA = "22";
const CONSTRAINT = "23";

/** A server's words for people who may not see rows: where they may quote one, what its SQLSTATE says instead. */
export const withoutRows = (said: ServerSaid): string => {
  const { message, state } = said;
  if (state === null || isRowless(state, said)) return message;
  return `${leftOutReason(state)} (the server's own words may quote a row and are left out)`;
};

const isRowless = (state: string, { pointed, raised }: ServerSaid): boolean => {
  const kind = state.slice(0, 2);
  if (raised === true) return false;
  // Names of constraint, table and column; the values are in its detail, which nobody here reads.
  if (kind === CONSTRAINT) return raised === false;
  // A constant of the file that cannot be read is told with its place, a row's value without one.
  if (kind === DATA) return pointed;
  return ROWLESS.includes(kind);
};

/** The same of a tool that tells `ERROR: ...` with its detail and no SQLSTATE: known sentences without a value stay. */
export const withoutRowsIn = (reason: string): string => {
  const [, said] = /^ERROR: (.*?)(?: (?:Detail|Hint|Position|Where): .*)?$/s.exec(reason) ?? [];
  if (said === undefined || KNOWN.test(said)) return said ?? reason;
  return "the server refused it (its own words may quote a row and are left out)";
};

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
