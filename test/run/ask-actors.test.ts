import { expect, test } from "vitest";
import { type Actor, actorKey, readActor, writeAnswer } from "../../src/model/alert.ts";
import type { OpenFinding } from "../../src/model/finding.ts";
import type { Json } from "../../src/model/json.ts";
import type { Run } from "../../src/model/run.ts";
import type { ActorQuestion } from "../../src/ports/actor-lookup.ts";
import { askActors } from "../../src/run/ask-actors.ts";
import { at } from "../alert/bench.ts";
import { planOf, threeWay, WORKSPACE } from "../drift/plans.ts";

const ADDRESS = "aws_db_instance.main";
const plan = planOf(
  threeWay(ADDRESS, { recorded: { size: 1 }, actual: { id: "db-1", size: 2 }, desired: { size: 1 } }),
);

const found: OpenFinding = {
  ...{
    address: ADDRESS,
    path: "size",
    cause: "console",
    recorded: 1,
    actual: 2,
    desired: 1,
    sensitive: false,
  },
  ...{ fingerprint: "f1", workspace: WORKSPACE, openedAt: at("12:00"), lastSeenAt: at("12:00") },
};
const person = (who: string, confidence: Actor["confidence"]): Actor => ({
  ...{ who, confidence, at: at("11:30"), action: "ModifyDBInstance", source: "log" },
});

/** A ledger that knows one look before, and an audit log that is told what to answer. */
const stage = () => {
  const meta = new Map<string, Json>();
  const asked: ActorQuestion[] = [];
  const runs = [{ startedAt: at("11:00"), state: "succeeded" } as Run];
  let answer: Actor | null = null;
  return {
    asked,
    person: () => readActor(meta.get(actorKey(WORKSPACE, found, "f1"))),
    look: async (now: string, kind: "opened" | "kept", says: Actor | null): Promise<number> => {
      answer = says;
      const before = asked.length;
      const world = {
        clock: { now: () => at(now) },
        log: { warn: () => {} },
        ledger: { meta: { get: async (key: string) => meta.get(key) }, runs: { list: async () => runs } },
        actorLookups: [
          {
            name: "log",
            covers: () => true,
            find: async (question: ActorQuestion) => {
              asked.push(question);
              return answer;
            },
          },
        ],
      } as unknown as Parameters<typeof askActors>[0];
      const lifecycle = { opened: [], kept: [], [kind]: [found] };
      const answers = await askActors(world, WORKSPACE, lifecycle, plan);
      for (const [finding, one] of answers) meta.set(actorKey(WORKSPACE, finding, "f1"), writeAnswer(one));
      return asked.length - before;
    },
  };
};

test("what nobody is known of is asked again for an hour, in the time between the look before and the one that saw it", async () => {
  const { look, asked, person: who } = stage();
  expect(await look("12:00", "opened", null)).toBe(1);
  expect(asked[0]).toMatchObject({ from: at("11:00"), to: at("12:00"), names: ["db-1"] });
  expect(who()).toBeNull();
  // Too soon to know more.
  expect(await look("12:02", "kept", person("lee", "exact"))).toBe(0);
  expect(await look("12:10", "kept", person("lee", "guess"))).toBe(1);
  expect(who()).toMatchObject({ who: "lee", confidence: "guess" });
  expect(await look("12:20", "kept", null)).toBe(1);
  expect(who()).toMatchObject({ who: "lee" });
  expect(await look("12:30", "kept", person("dana", "exact"))).toBe(1);
  expect(who()).toMatchObject({ who: "dana", confidence: "exact" });
  expect(asked.every(({ from, to }) => from.getTime() === at("11:00").getTime() && to <= at("12:00"))).toBe(
    true,
  );
  // Known for sure: nobody is asked any more.
  expect(await look("12:40", "kept", person("sam", "exact"))).toBe(0);
});

test("where looks are rare it is asked once more after the hour, and not for ever", async () => {
  const { look } = stage();
  await look("12:00", "opened", null);
  expect(await look("18:00", "kept", null)).toBe(1);
  expect(await look("23:00", "kept", null)).toBe(0);
});

test("what opens again is told anew, whoever set the same value before", async () => {
  const { look, person: who } = stage();
  await look("12:00", "opened", person("dana", "exact"));
  await look("13:00", "opened", null);
  expect(who()).toBeNull();
});
