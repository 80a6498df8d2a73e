import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../src/adapters/ledger.ts";
import { receiveWebhook } from "../../src/entry/webhook.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { embedded } from "../contract/databases.ts";
import { quickest } from "../timing.ts";
import { githubDelivery, intake, openedPull } from "./intake.ts";

// The intake's promises hold only if the real ledger keeps its own.

let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await (await embedded.start()).open());
});
afterAll(() => ledger?.close());

const waiting = async () => {
  const rows = await ledger.outbox.take(100);
  await ledger.outbox.done(rows.map((row) => row.id));
  return rows.map((row) => row.followUp.job);
};

const delivery = (id: string, payload: object = openedPull(), event = "pull_request") =>
  githubDelivery(event, payload, { "x-github-delivery": id });

test("of many copies that arrive at once one is kept", async () => {
  const { world } = intake({ ledger });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => receiveWebhook(world, delivery("same"))),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
  expect((await waiting()).map((job) => job.kind)).toEqual(["event"]);
});

test("a job that cannot be stored leaves its delivery unseen", async () => {
  const { world } = intake({ ledger });
  const broken: Pick<Ledger, "transaction"> = {
    transaction: (work) =>
      ledger.transaction((rows) =>
        work({ ...rows, outbox: { ...rows.outbox, add: () => Promise.reject(new Error("no room")) } }),
      ),
  };
  await expect(receiveWebhook({ ...world, ledger: broken }, delivery("again"))).rejects.toThrow("no room");
  await receiveWebhook(world, delivery("again"));
  expect(await waiting()).toHaveLength(1);
});

test("a comment comes out of the outbox as it was written, characters that databases dislike included", async () => {
  const { world } = intake({ ledger });
  const body = "plumbline plan\u0000 \\u0000 '; drop table outbox; -- ✓ \u{1F9EF} \r\n\t";
  const payload = {
    action: "created",
    issue: { number: 7, pull_request: {} },
    comment: { id: 9_007_199_254_740_991, body },
    repository: { full_name: "acme/infra" },
    sender: { login: "ada", type: "User" },
  };
  expect((await receiveWebhook(world, delivery("odd", payload, "issue_comment"))).status).toBe(202);
  expect(await waiting()).toMatchObject([{ event: { body, commentId: 9_007_199_254_740_991 } }]);
});

test("a delivery is taken in within 50 ms", async () => {
  const { world } = intake({ ledger });
  expect(await quickest(50, (index) => receiveWebhook(world, delivery(`${index}`)))).toBeLessThan(50);
});
