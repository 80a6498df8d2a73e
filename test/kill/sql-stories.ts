/** What is proposed, and how the database itself tells which of it is done. */
export interface SqlStory {
  readonly name: string;
  /** Of the folder, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Each statement as the server's log has it, with a query that is true once it is done. */
  readonly statements: readonly { readonly text: string; readonly done: string }[];
  /** The server refuses the last statement. */
  readonly fails: boolean;
  /** What can be asked of the catalogue afterwards, so that `migrate resume` knows where to go on. */
  readonly known: boolean;
}

/** In the database before: two orders in one status, and a place where statements leave a trace. */
export const SEED =
  "create table orders (id bigint primary key, status text);\ncreate table tally (what text);\ninsert into orders values (1, 'a'), (2, 'a');\n";
export const SCRIPT = "V2__change.sql";

const row = (what: string) => ({
  text: `insert into tally values ('${what}')`,
  done: `select count(*) > 0 as done from tally where what = '${what}'`,
});
const column = {
  text: "alter table orders add column note text",
  done: "select count(*) > 0 as done from information_schema.columns where column_name = 'note'",
};
const index = (name: string, on: string, unique = "") => ({
  text: `create ${unique}index concurrently ${name} on orders (${on})`,
  done: `select count(*) > 0 as done from pg_index where indexrelid = to_regclass('${name}') and indisvalid`,
});
const refused = { text: "select 1 / 0", done: "select false as done" };

const story = (
  name: string,
  statements: SqlStory["statements"],
  { fails = false, known = true, alone = false } = {},
): SqlStory => ({
  ...{ name, statements, fails, known },
  files: {
    [SCRIPT]: statements.map(({ text }) => `${text};\n`).join(""),
    ...(alone ? { [`${SCRIPT}.conf`]: "executeInTransaction=false\n" } : {}),
  },
});

const nowhere = {
  text: "create index concurrently lost on nowhere (id)",
  done: "select to_regclass('lost') is not null as done",
};

export const STORIES = {
  transaction: story("transaction", [row("first"), column]),
  alone: story("without a transaction", [index("by_status", "status"), index("by_id", "id, status")]),
  unseen: story("that the catalogue cannot tell", [row("one"), row("two")], { known: false, alone: true }),
  clean: story("refused, in a transaction", [row("first"), refused], { fails: true }),
  first: story("refused at once, without one", [nowhere, index("by_id", "id")], { fails: true }),
  partial: story(
    "refused, without one",
    [index("by_id", "id, status"), index("one_status", "status", "unique ")],
    { fails: true },
  ),
} as const;
