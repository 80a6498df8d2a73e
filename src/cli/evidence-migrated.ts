import type { Evidence } from "../config/evidence-schema.ts";

type Ran = NonNullable<Evidence["migrations"]>[number];

/** Which database was migrated, what became of each file, and how its time compares. */
export const migratedLines = ({ database, migrations }: Evidence): readonly string[] => [
  ...(database
    ? [
        `database ${database.place}, PostgreSQL ${database.serverVersion}, history ${database.history}, by ${database.tool}${database.toolVersion ? ` ${database.toolVersion}` : ""}`,
      ]
    : []),
  ...(migrations ?? []).flatMap((one) => [
    `${one.class} ${one.script}: ${one.state}${timeOf(one)}`,
    ...partsOf(one),
  ]),
];

const timeOf = ({ milliseconds, rehearsed, past, retries }: Ran): string => {
  if (milliseconds === null) return "";
  const beside = [
    ...(rehearsed ? [`rehearsed ${rehearsed.milliseconds} ms`] : []),
    ...past.map((one) => `${one.workspace} ${one.milliseconds} ms`),
    ...(retries > 0 ? [`retries: ${retries}`] : []),
  ];
  return ` in ${milliseconds} ms${beside.length > 0 ? ` (${beside.join(", ")})` : ""}`;
};

const partsOf = ({ ran, rehearsed }: Ran): readonly string[] => [
  ...(ran ?? []).map(
    ({ line, milliseconds, rows }) =>
      `  line ${line}: ${milliseconds} ms${rows === null ? "" : `, rows: ${rows}`}`,
  ),
  ...(rehearsed?.locks ?? []).map(
    ({ relation, mode, milliseconds }) => `  lock of ${relation}: ${mode}, ${milliseconds} ms when rehearsed`,
  ),
  ...(rehearsed?.rewrites ?? []).map((name) => `  written anew: ${name}`),
];
