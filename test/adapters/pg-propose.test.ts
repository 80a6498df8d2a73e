import { expect, test } from "vitest";
import { proposeForFolder } from "../../src/adapters/flyway-propose.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { withScratch } from "../../src/adapters/pg-scratch.ts";
import { flywayChecksum } from "../../src/migration/checksum.ts";
import { placeholdersOf } from "../../src/migration/placeholders.ts";
import { resolveMigrations } from "../../src/migration/resolve.ts";
import { standingOf } from "../../src/migration/standing.ts";
import type { ProposalWish } from "../../src/model/migration-proposal.ts";

const NOW = new Date("2026-11-21T17:00:00Z");
const V1 = "create table users (id int primary key, name text, n int); create type mood as enum ('a');";

/** What is proposed where V1 was applied, `byHand` was done, and `pending` waits. */
const propose = async (
  purpose: "formalize" | "revert",
  byHand: string,
  pending: Readonly<Record<string, string>> = {},
  first = "V1__a.sql",
  wish: Partial<ProposalWish> = {},
) =>
  withScratch(null, async (target) => {
    await target.run(`${V1} ${byHand}`);
    const files = Object.entries({ [first]: V1, ...pending }).map(([path, text]) => ({
      path,
      text,
      settings: null,
    }));
    const resolved = resolveMigrations(files, placeholdersOf({}));
    const history = resolved.migrations.slice(0, 1).map(({ name, path }) => ({
      ...{ rank: 1, version: name.version, description: "a", type: "SQL", script: path },
      ...{
        checksum: flywayChecksum(V1),
        success: true,
        installedBy: "x",
        installedOn: null,
        milliseconds: 1,
      },
    }));
    const standing = standingOf(resolved, history, { outOfOrder: false });
    const place = { schema: "public", table: "flyway_schema_history" };
    return proposeForFolder(
      target,
      { place, strays: [], schemas: ["public"], files, resolved, history, standing, baseline: null },
      {
        ...{ purpose, parse: await loadSqlParser(), rehearsal: null, now: NOW },
        ...{ only: [], acceptedBy: null, ...wish },
      },
    );
  });
const PROVEN = { elsewhere: { proven: true, error: null }, live: { proven: true, error: null } };

test("revert takes back what it can, does nothing elsewhere, says what it destroys and what it cannot write", async () => {
  const proposal = await propose(
    "revert",
    "alter table users add extra int default 4, drop n; create view v as select extra from users; grant select on users to public; alter type mood add value 'b'",
    {},
    "V20260101120000__a.sql",
  );
  expect(proposal).toMatchObject({
    class: "R4",
    destroys: ["the column public.users.extra with its values"],
    unwritten: [{ address: "type public.mood", path: "values" }],
    proof: PROVEN,
  });
  const [file, ...others] = proposal.files;
  expect([file?.path, others]).toEqual(["V20261121170000__revert_drift.sql", []]);
  expect(file?.text).toContain("ADD COLUMN IF NOT EXISTS n integer");
});

test("a hot fix that a pending file repeats gets that file guarded, and the rest formalized after it", async () => {
  const proposal = await propose("formalize", "alter table users add hot int; create table aside (a int)", {
    "V2__hot.sql": "alter table users add column hot int;",
    "V3__later.sql": "create table later (a int);",
  });
  expect(proposal).toMatchObject({
    hotFixes: [{ script: "V2__hot.sql", state: "matches", places: ["table public.users.columns.hot"] }],
    files: [
      { path: "V2__hot.sql", replaces: true },
      { path: "V4__formalize_drift.sql", replaces: false },
    ],
    proof: PROVEN,
  });
  expect(proposal.files[0]?.text).toContain("ADD COLUMN IF NOT EXISTS hot integer");
  expect(proposal.files[1]?.text).not.toContain("later");
});

test("a type that takes values away is told and destructive; one that is renamed is told; no cast cuts in silence", async () => {
  const byHand =
    "alter table users alter name type varchar(3), alter id type real; alter table users rename n to m";
  const proposal = await propose("formalize", byHand);
  expect(proposal.files[0]?.text).not.toContain("USING");
  expect(proposal).toMatchObject({ class: "R4", proof: PROVEN, renames: [{ from: "n", to: "m" }] });
  expect(proposal.destroys.toSorted()).toEqual([
    "digits, where rows of public.users.id have any",
    "the column public.users.n with its values",
  ]);
});

test("a hot fix of an index has no guarded text, and says so", async () => {
  const proposal = await propose("formalize", "alter table users add b text; create index ui on users (b)", {
    "V2__b.sql": "alter table users add b text; create index ui on users (b);",
  });
  expect(proposal).toMatchObject({ files: [], hotFixes: [{ state: "matches" }] });
  expect(proposal.hotFixes[0]?.advice).not.toContain("guarded text does");
});

test("some of it alone is taken back, on the word of whoever answers for what it drops; the rest stays as it is", async () => {
  const byHand =
    "alter table users add extra int; create table aside (a int); create index by_n on users (n)";
  const only = ["table public.users"];
  const proposal = await propose("revert", byHand, {}, "V1__a.sql", { only, acceptedBy: "noor" });
  expect(proposal.proof).toMatchObject(PROVEN);
  expect(proposal.files.map(({ text }) => text).join()).not.toContain("aside");
  expect(proposal.files[0]?.text).toMatch(
    /-- plumbline:ignore drop-column reason="[^"]+" owner="noor"\n(ALTER TABLE|DO)/,
  );
  expect(proposal).toMatchObject({
    class: "R4",
    destroys: ["the column public.users.extra with its values"],
  });
  expect(proposal.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  const kept = await propose("formalize", byHand, {}, "V1__a.sql", { only: ["table public.aside"] });
  expect(kept.files.map(({ path }) => path)).toEqual(["V2__formalize_drift.sql"]);
  expect(kept.files[0]?.text).not.toContain("extra");
  expect(kept.proof).toMatchObject(PROVEN);
});
