import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFolder } from "../src/adapters/flyway-folder.ts";
import { migrateFolder } from "../src/adapters/flyway-migrate.ts";
import { rehearseFolder } from "../src/adapters/flyway-rehearsal.ts";
import { loadSqlParser } from "../src/adapters/libpg.ts";
import { openTarget } from "../src/adapters/pg-target.ts";

const MIGRATIONS = 100;
const APPLIED = 50;

/**
 * Milliseconds of a rehearsal of 100 migrations: half of them applied to a PostgreSQL server, one change by hand on
 * top, so that the way from the present schema cannot be shared with the one from empty.
 */
export const rehearsalTime = async (root: string, url: string): Promise<number> => {
  const dir = join(root, "rehearsal");
  mkdirSync(dir);
  const parse = await loadSqlParser();
  const ask = {
    ...{ dir, shown: "rehearsal", schemas: ["rehearsed"], table: null, placeholders: {} },
    ...{ outOfOrder: false, baselineVersion: null },
  };
  const target = await openTarget(url);
  try {
    write(dir, 1, APPLIED);
    await migrateFolder(target, await readFolder(target, ask), ask, {
      ...{ parse, mixed: false, lockTimeout: "5s", statementTimeout: "0", retryAfter: 0, progress: () => {} },
    });
    await target.run("alter table rehearsed.order_1 add column by_hand int");
    write(dir, APPLIED + 1, MIGRATIONS);
    const { current, empty, again, milliseconds } = await rehearseFolder(
      target,
      await readFolder(target, ask),
      {
        ...{ parse, url: null },
      },
    );
    const ran = current.migrations.length + empty.migrations.length;
    if (ran !== MIGRATIONS + MIGRATIONS - APPLIED || again?.pending.length !== 0)
      throw new Error(`The rehearsal stopped: ${JSON.stringify([current.failure, empty.failure, again])}`);
    return milliseconds;
  } finally {
    await target.close();
  }
};

const write = (dir: string, from: number, to: number): void => {
  for (let index = from; index <= to; index += 1)
    writeFileSync(join(dir, `V${index}__step.sql`), migration(index));
};

/** Tables with keys and references, columns, indexes, views, functions with triggers, filled rows: as services have them. */
const migration = (index: number): string => {
  const [order, line] = [`order_${Math.ceil(index / 5)}`, `line_${Math.ceil(index / 5)}`];
  const kinds = [
    `create table ${order} (id bigint generated always as identity primary key, name text not null, made timestamptz default now());
     create table ${line} (id bigint primary key, order_id bigint references ${order} (id), total numeric(12, 2) check (total >= 0));
     create index ${line}_order on ${line} (order_id);`,
    `alter table ${order} add column note text;\nalter table ${order} add column state text not null default 'new';`,
    `create index concurrently ${order}_name on ${order} (name);`,
    `insert into ${order} (name) select 'n' || g from generate_series(1, 200) g;
     update ${order} set note = 'none' where note is null and id <= 200;`,
    `create view ${order}_v as select o.id, count(l.id) as lines from ${order} o left join ${line} l on l.order_id = o.id group by 1;
     create function ${order}_f() returns trigger language plpgsql as $$ begin new.note := coalesce(new.note, ''); return new; end $$;
     create trigger ${order}_t before insert on ${order} for each row execute function ${order}_f();`,
  ];
  return `${kinds[(index - 1) % kinds.length]}\n`;
};
