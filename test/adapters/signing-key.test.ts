import { beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { openSigningKey } from "../../src/adapters/signing-key.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
  return () => ledger.close();
});

const opened = async (...fills: readonly number[]): Promise<number | undefined> =>
  (await openSigningKey(ledger.meta, fills.map(key)))[0];

test("changing the keys step by step changes no digest; a foreign key is refused and spoils nothing", async () => {
  expect(await opened(1)).toBe(1);
  expect(await opened(2, 1)).toBe(1);
  // The old key may go: what it sealed was sealed anew.
  expect(await opened(2)).toBe(1);
  expect(await opened(3, 2)).toBe(1);
  await expect(opened(9)).rejects.toMatchObject({
    ...{ code: "keys-differ", hint: expect.stringContaining("PLUMBLINE_KEY") },
  });
  expect(await opened(3)).toBe(1);
  expect(JSON.stringify(await ledger.meta.get("signing-key"))).not.toContain(
    Buffer.from(key(1)).toString("base64").slice(0, 20),
  );
});

test("replicas that start at once with keys of their own: one goes on, the others are refused", async () => {
  await ledger.meta.set("signing-key", null);
  const started = await Promise.allSettled([21, 22, 23].map((fill) => opened(fill)));
  expect(started.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
});
