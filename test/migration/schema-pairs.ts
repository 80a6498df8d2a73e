/** A schema with one of everything that a snapshot knows. */
export const FULL = `
create schema app; create schema "Odd.Name"; comment on schema app is 'It''s ours';
grant usage on schema app to reader;
create extension pg_trgm; create extension citext schema app;
create type app.mood as enum ('a', 'it''s', 'c'); comment on type app.mood is 'm';
create domain app.email as text default 'x@y' not null constraint at check (value like '%@%');
create type app.pair as (a int, "B c" text[]); create type app.span as range (subtype = int);
create sequence app.counter as int increment 5 start 7 cycle;
create table app."order" (id bigint generated always as identity primary key, name varchar(20) not null default 'x',
  created timestamptz default now(), mood app.mood default 'it''s', tags text[], extra jsonb,
  total numeric(10,2) constraint pos check (total > 0), twice numeric generated always as (total * 2) stored,
  word text collate "C", mail app.email, unique nulls not distinct (name, created));
comment on table app."order" is 'orders'; comment on column app."order".name is 'n';
create table app.item (id serial primary key, "order" bigint references app."order" (id) on delete cascade deferrable,
  parent int, by_name app.citext, number int default nextval('app.counter'),
  constraint self foreign key (parent) references app.item (id));
alter table app.item add constraint late check (parent > 0) not valid;
create unlogged table app.temp (a int, exclude using gist (box(point(a, a), point(a, a)) with &&)) with (fillfactor = 70);
create index order_name on app."order" (lower(name)) where total > 1;
create unique index "Odd Index" on app."order" (created desc nulls last) include (name);
create function app.f2() returns int language plpgsql as $$ begin return 1; end $$; set check_function_bodies = off;
create function app.f(a int, b text default 'q') returns int language sql immutable as $$ select a + 1 from app.later $$;
create function app.g(x app."order") returns setof app."order" begin atomic select * from app."order"; end;
create procedure app.p(inout a int) language plpgsql as $$ begin a := 1; end $$;
create table app.later (a int default app.f2());
create function app.tg() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger g before insert or update of name on app."order" for each row when (new.name <> '') execute function app.tg();
create constraint trigger h after insert on app.item deferrable initially deferred for each row execute function app.tg();
alter table app.item disable trigger h;
create view app.b with (security_barrier) as select o.id, i.number from app."order" o join app.item i on i."order" = o.id;
create view app.a as select count(*) as n from app.b; comment on view app.a is 'v'; grant select on app.a to reader;
create materialized view app.m as select n from app.a; create unique index m_n on app.m (n);
create rule r as on delete to app.temp do instead nothing;
alter table app."order" enable row level security; alter table app."order" force row level security;
create policy p on app."order" as restrictive for update to reader, "Odd One" using (name <> 'z') with check (total > 1);
create policy q on app."order" for select using (true);
alter table app.item replica identity full;
create table app.part (a int not null, b date, constraint c check (a > 0), primary key (a, b)) partition by range (b);
create table app.part1 partition of app.part for values from ('2026-01-01') to ('2027-01-01');
create table app.part2 partition of app.part default partition by list (a);
create table app.part21 partition of app.part2 for values in (1, 2);
create index part_a on app.part (a);
create table app.base (x int, constraint bx check (x > 0)); create table app.child (y int) inherits (app.base);
create table "Odd.Name"."select" ("a b" int, "user" text);
create table app.one (id int primary key, two int); create table app.two (id int primary key, one int references app.one);
alter table app.one add constraint one_two foreign key (two) references app.two;
grant select, insert on app.item to reader with grant option; grant update on app.item to public;
revoke execute on function app.f(int, text) from public; grant execute on function app.f(int, text) to "Odd One";
create domain app.word as text collate "C"; revoke usage on type app.mood from public; grant usage on type app.word to reader;
create aggregate app.total(numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', parallel = safe);
create view app.totals as select app.total(total) as all from app."order"; comment on aggregate app.total(numeric) is 't';
grant usage, select on sequence app.counter to reader; comment on sequence app.counter is 's'; grant usage on sequence app.item_id_seq to reader;
grant select (id, name), update (name) on app."order" to reader with grant option; grant select (n) on app.m to public;
comment on index app.order_name is 'i'; comment on constraint pos on app."order" is 'c'; comment on trigger g on app."order" is 't';
comment on policy p on app."order" is 'p'; comment on rule r on app.temp is 'r'; comment on constraint self on app.item is 'f';
alter table app."order" enable replica trigger g; alter table app.temp disable rule r; grant create on schema public to reader;
`;

interface SchemaPair {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** False where the way back cannot be written. */
  readonly back?: boolean;
}

const TABLE = `create schema app; create table app.t (id int primary key, a int, b varchar(10) default 'x', c text);
create table app.u (id int primary key, t int);`;

export const PAIRS: readonly SchemaPair[] = [
  {
    name: "columns come, go and change",
    before: `${TABLE} insert into app.t values (1, 2, 'y', 'z');`,
    after: `${TABLE} alter table app.t drop c, add d timestamptz default now() not null, add e int generated always as (a + 1) stored,
      alter a type bigint, alter b type text, alter b set default 'new', alter b set not null, alter a set default 3;
      comment on column app.t.a is 'it''s';`,
  },
  {
    name: "a type that needs a conversion, with a default",
    before: `${TABLE} alter table app.t add n text default '1', add w text default 'q' collate "C";`,
    after: `${TABLE} alter table app.t add n int default 1, add w text default 'q';`,
  },
  {
    name: "identity comes and goes; NOT NULL without a default",
    before: `${TABLE} create table app.i (a int generated always as identity, b int);`,
    after: `${TABLE} create table app.i (a int, b int not null generated by default as identity, c int not null);`,
  },
  {
    name: "constraints of every kind",
    before: TABLE,
    after: `${TABLE} alter table app.t add constraint pos check (a > 0), add constraint uni unique (a, b) include (c) deferrable,
      add constraint open check (a < 10) not valid, add constraint alone unique nulls not distinct (c);
      alter table app.u add constraint ref foreign key (t) references app.t (id) on delete set null;
      alter table app.t add constraint one unique (a); alter table app.u add constraint late foreign key (t) references app.t (a);`,
  },
  {
    name: "a constraint in another wording, and one that is validated",
    before: `${TABLE} alter table app.t add constraint pos check (a > 0), add constraint open check (a < 10) not valid;`,
    after: `${TABLE} alter table app.t add constraint pos check (a > 1), add constraint open check (a < 10);`,
  },
  {
    name: "a primary key and what refers to it",
    before: "create table a (id int not null); create table b (a int);",
    after: "create table a (id int primary key); create table b (a int references a);",
  },
  {
    name: "indexes come, go and change; the old one serves until the new one is there",
    before: `${TABLE} create index i on app.t (a); create index j on app.t (b); create unique index v on app.t (c);`,
    after: `${TABLE} create index i on app.t (a desc); create index k on app.t (lower(c)); create unique index v on app.t (c) where a > 0;`,
  },
  {
    name: "views change in place, by their columns, and with what they rest on",
    before: `${TABLE} create view app.v as select id, a from app.t; create view app.w as select a from app.v;
      create materialized view app.m as select a from app.w; create index mi on app.m (a); grant select on app.w to reader;
      create view app.x as select id from app.t; create view app.gone as select a from app.v;`,
    after: `${TABLE} alter table app.t alter a type bigint; create view app.v as select id, a from app.t;
      create view app.w as select a from app.v where a > 1; create materialized view app.m as select a + 1 as a from app.w;
      create index mi on app.m (a); grant select on app.w to reader; create view app.x as select id, c from app.t;
      comment on view app.x is 'x';`,
  },
  {
    name: "functions change in place, by their head, and with what rests on them",
    before: `${TABLE} create function app.f(a int) returns int language sql as 'select 1';
      create function app.g(a int) returns int language sql immutable as 'select 2';
      create function app.tg() returns trigger language plpgsql as 'begin return new; end';
      create function app.old() returns int language sql as 'select 3';
      create view app.v as select app.g(id) as x from app.t;
      create trigger tr before insert on app.t for each row execute function app.tg();`,
    after: `${TABLE} create function app.f(b int) returns int language sql as 'select 1';
      create function app.g(a int) returns bigint language sql immutable as 'select 2::bigint';
      create function app.tg() returns trigger language plpgsql as 'begin return old; end';
      comment on function app.tg() is 't'; revoke execute on function app.g(int) from public;
      create view app.v as select app.g(id) as x from app.t;
      create trigger tr after insert on app.t for each row execute function app.tg();`,
  },
  {
    name: "triggers, rules, policies, row security, grants, options",
    before: `${TABLE} create function app.tg() returns trigger language plpgsql as 'begin return new; end';
      create trigger one before insert on app.t for each row execute function app.tg(); create trigger two before delete on app.t execute function app.tg();
      create rule r as on delete to app.u do instead nothing; create policy p on app.t for select using (a > 0);
      create policy q on app.t using (a > 0) with check (a > 1); grant select, update on app.t to reader with grant option; grant insert on app.t to public;
      alter table app.u set (fillfactor = 80, autovacuum_enabled = false);`,
    after: `${TABLE} create function app.tg() returns trigger language plpgsql as 'begin return new; end';
      create trigger one before insert or update on app.t for each row execute function app.tg(); alter table app.t disable trigger one;
      create rule r as on delete to app.u do also notify x; create policy p on app.t for update using (a > 0); create policy q on app.t using (a > 2);
      alter table app.t enable row level security; grant select on app.t to reader; grant delete on app.t to "Odd One" with grant option;
      alter table app.u set (fillfactor = 90); alter table app.u set unlogged; alter table app.u replica identity nothing;`,
  },
  {
    name: "grants on columns, sequences and types, which sides of triggers and rules, comments of parts",
    before: `${TABLE} create sequence app.s; create type app.e as enum ('a'); create domain app.d as text; create index i on app.t (a); create index j on app.t (b);
      create function app.tg() returns trigger language plpgsql as 'begin return new; end'; alter table app.t add constraint pos check (a > 0), add constraint uni unique (b);
      create trigger one before insert on app.t for each row execute function app.tg(); create trigger two before insert on app.t for each row execute function app.tg();
      create rule r as on delete to app.u do instead nothing; grant select, update on app.t to reader; grant select (a), update (b, a) on app.t to reader;
      grant usage on sequence app.s to reader with grant option; revoke usage on type app.e from public; comment on index app.i is 'i'; comment on constraint pos on app.t is 'p';
      create aggregate app.agg(int) (sfunc = int4pl, stype = int); grant create on schema public to public;`,
    after: `${TABLE} create sequence app.s; create type app.e as enum ('a'); create domain app.d as text; create index i on app.t (a desc); create index j on app.t (b);
      create function app.tg() returns trigger language plpgsql as 'begin return new; end'; alter table app.t add constraint pos check (a > 1), add constraint uni unique (b);
      create trigger one before insert on app.t for each row execute function app.tg(); create trigger two before insert or update on app.t for each row execute function app.tg();
      create rule r as on delete to app.u do instead nothing; grant select on app.t to reader; grant select (a), update (b), insert (c) on app.t to reader;
      grant usage, select on sequence app.s to reader; grant usage on type app.d to reader with grant option; comment on index app.i is 'i'; comment on constraint pos on app.t is 'p';
      alter table app.t enable always trigger one; alter table app.t enable replica trigger two; alter table app.u enable always rule r;
      comment on trigger two on app.t is 'two'; comment on index app.uni is 'key'; comment on index app.j is 'j'; comment on sequence app.s is 's'; revoke usage on schema public from public;`,
  },
  {
    name: "types that values are converted to by themselves, and those that want a cast",
    before: `create table t (a text default 'x', b int, c varchar[], d numeric(10,4), e text, f timestamptz, g jsonb, h text, i bit(3), j time, k bool, l int4range, m inet);
      insert into t values ('x', 1, '{a}', 1.5, '7', now(), '{}', 'true', '101', '10:00', true, '[1,2)', '::1');`,
    after: `create table t (a varchar(3) default 'y', b numeric(5,2), c text[], d int, e int, f date, g text, h bool, i varbit, j interval, k varchar, l text, m cidr);`,
  },
  {
    name: "a value of an enum, used at once",
    before: "create type mood as enum ('a', 'c'); create table t (m mood);",
    after:
      "create type mood as enum ('0', 'a', 'b', 'c', 'd'); create table t (m mood default 'b', check (m <> 'd'));",
    back: false,
  },
  {
    name: "domains, composite types and sequences",
    before: `create domain e as text check (value <> ''); create type p as (a int, b text); create sequence s; create sequence o; create table t (id int, e e);
      create sequence "Own" owned by t.id;`,
    after: `create domain e as text default 'q' constraint f check (value <> 'z') constraint e_check check (value <> 'y'); create type p as (a bigint, "C d" text);
      create sequence s increment 3 maxvalue 100 cycle; create table t (id int default nextval('s'), e e, n int); alter sequence s owned by t.n;`,
  },
  {
    name: "extensions and schemas",
    before: "create extension citext; create table t (a citext);",
    after:
      "create schema x; create extension citext schema x; create table t (a x.citext); create extension hstore;",
    back: false,
  },
  {
    name: "partitions and children follow their parents",
    before: `create table p (a int, b date, c text) partition by range (b); create table p1 partition of p for values from ('2026-01-01') to ('2027-01-01');
      create table gone partition of p for values from ('2020-01-01') to ('2021-01-01');
      create table base (x int, y text); create table child (z int) inherits (base); create table free (a int, b date, c text);`,
    after: `create table p (a bigint not null, b date, d int default 4, constraint k check (a > 0)) partition by range (b);
      create table p1 partition of p for values from ('2026-01-01') to ('2027-06-01'); create index pi on p (a);
      create table base (x bigint default 2, constraint bk check (x > 1)); create table child (z int) inherits (base);
      create table free partition of p for values from ('2030-01-01') to ('2031-01-01');`,
  },
  {
    name: "tables that refer to each other go; a view takes a table's name",
    before: `create table a (id int primary key, b int); create table b (id int primary key, a int references a); alter table a add foreign key (b) references b;
      create view v as select 1 as one;`,
    after: "create table w (one int);",
  },
  {
    name: "names that need quotes",
    before: `create schema "My.Schema"; create table "My.Schema"."Order" ("id" int, "a""b" text, "select" int);`,
    after: `create schema "My.Schema"; create table "My.Schema"."Order" ("id" int, "a""b" varchar(9), "table" int constraint "C'k" check ("table" > 0));
      create index "in'dex" on "My.Schema"."Order" ("a""b"); create view "My.Schema"."View" as select "a""b" from "My.Schema"."Order";`,
  },
];

export const UNWRITABLE: readonly (SchemaPair & { readonly address: string; readonly path: string })[] = [
  {
    name: "an aggregate that changes",
    before: "create aggregate agg(int) (sfunc = int4pl, stype = int);",
    after: "create aggregate agg(int) (sfunc = int4mul, stype = int);",
    address: "aggregate public.agg(integer)",
    path: "definition",
  },
  {
    name: "a domain's collation",
    before: "create domain word as text;",
    after: 'create domain word as text collate "C";',
    address: "type public.word",
    path: "collation",
  },
  {
    name: "a value taken out of an enum",
    before: "create type mood as enum ('a', 'b');",
    after: "create type mood as enum ('a');",
    address: "type public.mood",
    path: "values",
  },
  {
    name: "a table that gets partitions",
    before: "create table t (a int);",
    after: "create table t (a int) partition by list (a);",
    address: "table public.t",
    path: "partition_by",
  },
  {
    name: "a column that becomes computed",
    before: "create table t (a int, b int);",
    after: "create table t (a int, b int generated always as (a) stored);",
    address: "table public.t",
    path: "columns.b.generated",
  },
  {
    name: "a replica identity by an index",
    before: "create table t (a int not null unique);",
    after: "create table t (a int not null unique); alter table t replica identity using index t_a_key;",
    address: "table public.t",
    path: "replica_identity",
  },
  {
    name: "a default whose function has to be made anew",
    before:
      "create function f() returns int language sql as 'select 1'; create table t (a bigint default f());",
    after:
      "create function f() returns bigint language sql as 'select 1::bigint'; create table t (a bigint default f());",
    address: "table public.t",
    path: "columns.a",
  },
];
