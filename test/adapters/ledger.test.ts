import { describe, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { Lease } from "../../src/ports/ledger-leases.ts";
import { embedded, server } from "../contract/databases.ts";
import { ledgerContract } from "../contract/ledger.ts";

ledgerContract(embedded);
ledgerContract(server);

describe.skipIf(server.missing !== null)(
  `two services on one database (${server.missing ?? "PostgreSQL"})`,
  () => {
    test("pull requests get a workspace in the order in which they asked, whichever service they asked; one run holds it", async () => {
      const home = await server.start();
      const services = [createLedger(await home.open()), createLedger(await home.reopen())] as const;
      try {
        const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
        const pulls = Array.from({ length: 12 }, (_, number) => ({ repo: "acme/infra", number }));
        const of = (index: number) => services[index % 2 === 0 ? 0 : 1];
        for (const [index, pull] of pulls.entries())
          expect(await of(index).locks.request("ws", pull, "ann", at(index))).toMatchObject({
            lock: { position: index },
            holder: { pull: pulls[0] },
          });
        // Both let go of the same lock at once, as after a delivery that came twice: the next one gets it, and only that.
        for (const [index, pull] of pulls.entries()) {
          expect((await of(index + 1).locks.of("ws"))[0]?.pull).toEqual(pull);
          const released = await Promise.all(services.map(({ locks }) => locks.release("ws", pull)));
          const next = released.filter((lock) => lock !== null).map((lock) => lock.pull);
          expect(next).toEqual(index + 1 < pulls.length ? [pulls[index + 1]] : []);
        }
        const asked = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            of(index).leases.acquire("ws", `run_${index}`, `replica-${index % 2}`, at(0), 30_000),
          ),
        );
        const held = asked.filter((one): one is Lease => "token" in one);
        expect(held).toHaveLength(1);
        expect(asked.filter((one) => "heldBy" in one && one.heldBy.run === held[0]?.run)).toHaveLength(19);
      } finally {
        for (const service of services) await service.close();
        await home.stop();
      }
    });
  },
);
