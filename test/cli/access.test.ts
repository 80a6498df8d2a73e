import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/adapters/database.ts";
import { openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { revokeToken, tokenPrincipal } from "../../src/run/access-tokens.ts";
import { cli, folder } from "./world.ts";

test("tokens are made, listed, used and taken back, each act is in the trail, and a changed trail is told", async () => {
  const data = folder();
  await openInstance(data, []);
  const run = async (...argv: string[]) => {
    const { code, out, err } = await cli([...argv, "--data", data, "--json"]);
    return { code, err, value: JSON.parse(out) as Record<string, never> };
  };
  const made = await run("token", "create", "--name", "ci", "--role", "viewer", "--workspaces", "acme/*");
  const { token: text, id } = made.value as unknown as { token: string; id: string };
  expect(text).toMatch(/^plb_[\w-]{43}$/);
  const listed = await run("token", "list");
  expect(listed.value).toMatchObject({ tokens: [{ id, name: "ci", role: "viewer", revokedAt: null }] });
  expect(JSON.stringify(listed.value)).not.toContain(text);

  const database = await openDatabase({ url: null, dataDir: join(data, "database") });
  const ledger = createLedger(database);
  let now = new Date();
  const place = { ledger, clock: { now: () => now } };
  expect(await tokenPrincipal(place, text, null)).toMatchObject({ name: "ci", grants: [{ role: "viewer" }] });
  expect(await tokenPrincipal(place, `${text.slice(0, -1)}_`, null)).toBeNull();
  expect(await tokenPrincipal(place, "a".repeat(32), "a".repeat(32))).toMatchObject({ name: "admin-token" });
  expect(await tokenPrincipal(place, "b".repeat(32), "a".repeat(32))).toBeNull();
  now = new Date(Date.now() + 91 * 86_400_000);
  expect(await tokenPrincipal(place, text, null)).toBeNull();
  now = new Date();
  expect(await revokeToken(place, id, "lee")).toBe(true);
  expect(await revokeToken(place, id, "lee")).toBe(false);
  expect(await tokenPrincipal(place, text, null)).toBeNull();
  expect(await ledger.audit.list({})).toMatchObject([
    { action: "token-created" },
    { action: "token-revoked", actor: "lee" },
  ]);
  await database.close();

  expect(await run("audit", "verify")).toMatchObject({
    code: 0,
    value: { ok: true, entries: 2, brokenAt: null },
  });
  const again = await openDatabase({ url: null, dataDir: join(data, "database") });
  await sql`alter table audit disable trigger all`.execute(again.kysely);
  await sql`update audit set actor = 'nobody' where sequence = 2`.execute(again.kysely);
  await again.close();
  expect(await run("audit", "verify")).toMatchObject({ code: 2, value: { ok: false, brokenAt: 2 } });
}, 180_000);

test("a token without a role, and an end that is no time, are refused", async () => {
  for (const options of [[], ["--role", "god"], ["--role", "admin", "--expires", "soon"]])
    expect(await cli(["token", "create", "--name", "x", ...options])).toMatchObject({ code: 64 });
});
