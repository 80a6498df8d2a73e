import { quoted } from "../migration/history.ts";
import type { Changeset } from "../migration/liquibase-sql.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/** What Liquibase must know of a changeset that ran to tell what it would run next. */
export interface ChangelogRow {
  readonly id: string;
  readonly author: string;
  readonly filename: string;
  /** `EXECUTED`, `RERAN`, `MARK_RAN` ... */
  readonly exectype: string;
  readonly md5sum: string | null;
}

/** Liquibase's own table as a database has it, by the order in which they ran; null where there is none. */
export const readChangelogRows = async (
  target: Target,
  { schema, table }: HistoryPlace,
): Promise<readonly ChangelogRow[] | null> => {
  const found = await target.query(
    "select 1 as there from pg_tables where schemaname = $1 and tablename = $2",
    [schema, table],
  );
  if (found.length === 0) return null;
  const rows = await target.query(
    `select id, author, filename, exectype, md5sum from ${quoted(schema)}.${quoted(table)} order by orderexecuted, dateexecuted`,
  );
  return rows.map((row) => ({
    id: String(row["id"]),
    author: String(row["author"]),
    filename: String(row["filename"]),
    exectype: String(row["exectype"]),
    md5sum: typeof row["md5sum"] === "string" ? row["md5sum"] : null,
  }));
};

/** The table for a database that is thrown away, with the columns that are read again. */
export const makeChangelogTable = (target: Target, { schema, table }: HistoryPlace): Promise<unknown> =>
  target.run(
    `create table ${quoted(schema)}.${quoted(table)} (id varchar(255) not null, author varchar(255) not null,
      filename varchar(255) not null, dateexecuted timestamp not null default now(), orderexecuted int not null,
      exectype varchar(10) not null, md5sum varchar(35))`,
  );

/** Writes down that a changeset ran, in the place of an earlier run of the same. */
export const addChangelogRow = async (
  target: Target,
  { schema, table }: HistoryPlace,
  { id, author, filename, exectype, md5sum }: ChangelogRow,
): Promise<void> => {
  const name = `${quoted(schema)}.${quoted(table)}`;
  await target.query(`delete from ${name} where id = $1 and author = $2 and filename = $3`, [
    ...[id, author, filename],
  ]);
  await target.query(
    `insert into ${name} (id, author, filename, dateexecuted, orderexecuted, exectype, md5sum)
      select $1, $2, $3, now(), coalesce(max(orderexecuted), 0) + 1, $4, $5 from ${name}`,
    [id, author, filename, exectype, md5sum],
  );
};

/** The same rows as Liquibase keeps them in a file, for a database that it does not connect to. */
export const changelogCsv = (rows: readonly ChangelogRow[]): string =>
  [
    COLUMNS,
    ...rows.map(({ id, author, filename, exectype, md5sum }, index) => [
      ...[id, author, filename, "2000-01-01T00:00:00", String(index + 1), exectype, md5sum ?? ""],
      ...["", "", "", "", "", "", ""],
    ]),
  ]
    .map((row) => `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")}\n`)
    .join("");

const COLUMNS = [
  ...["ID", "AUTHOR", "FILENAME", "DATEEXECUTED", "ORDEREXECUTED", "EXECTYPE", "MD5SUM", "DESCRIPTION"],
  ...["COMMENTS", "TAG", "LIQUIBASE", "CONTEXTS", "LABELS", "DEPLOYMENT_ID"],
];

/** The row of a changeset that was just run. */
export const rowOfRun = ({ id, author, file, checksum }: Changeset): ChangelogRow => ({
  ...{ id, author, filename: file, exectype: "EXECUTED" },
  md5sum: checksum === "" ? null : checksum,
});
