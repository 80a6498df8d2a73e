import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { readClaims } from "../../src/config/stateful-change.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { HealthQuestion } from "../../src/ports/health-source.ts";
import { applicationHealth } from "../../src/run/application-health.ts";

const CLAIM = `stateful_change:
  class: R3
  change_id: CHG-1
  durable_systems: [postgres.orders]
  observability: { required_metrics: [fallback_reads, mismatches] }
`;

/** Asks after an apply; `answer` is what the operator's command prints, or why it does not. */
const healthAfter = async (answer: string | Error | null, { skipped = false } = {}) => {
  const asked: HealthQuestion[] = [];
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.learn("hunter2hunter2");
  const health = {
    ask: async (question: HealthQuestion) => {
      asked.push(question);
      if (answer instanceof Error) throw answer;
      return answer ?? "";
    },
  };
  const scratch = {
    run: { id: "run_1" },
    workspace: { key: "acme/infra//prod#default", repo: "acme/infra" },
    log: { line: (line: string) => lines.push(line) },
    step: <T>(_name: string, work: () => Promise<T>) => work(),
  };
  const outcome = {
    before: { stateful: { claims: readClaims(CLAIM, []) } },
    applied: { skipped },
  };
  const found = await applicationHealth(
    { redactor, ...(answer === null ? {} : { health }) },
    scratch as unknown as Parameters<typeof applicationHealth>[1],
    "c1",
    outcome as unknown as Parameters<typeof applicationHealth>[3],
  );
  return { found, asked, lines };
};

describe("how the application fares after an apply", () => {
  test("is asked of the operator's command with what its author wants watched", async () => {
    const { found, asked } = await healthAfter('{"healthy": true, "metrics": {"fallback_reads": 0}}');
    expect(found).toEqual({
      healthy: true,
      metrics: { fallback_reads: 0 },
      missing: ["mismatches"],
      problem: null,
    });
    expect(asked).toMatchObject([
      {
        changeId: "CHG-1",
        systems: ["postgres.orders"],
        metrics: ["fallback_reads", "mismatches"],
        commit: "c1",
      },
    ]);
  });
  test("that it is not well is said", async () => {
    const { found, lines } = await healthAfter('{"healthy": false}');
    expect([found?.healthy, lines]).toEqual([false, ["the application is NOT WELL"]]);
  });
  test.each([
    ["something else", '{"status": "ok"}', /printed no JSON of the form/],
    ["no JSON", "fine!", /printed no JSON of the form/],
    ["nothing in time", new PlumblineError("context-failed", "It gave no answer."), /gave no answer/],
  ])("%s is no health, and stops nothing", async (_what, answer, problem) => {
    const { found } = await healthAfter(answer);
    expect(found).toMatchObject({ healthy: null, problem: expect.stringMatching(problem) });
  });
  test("nobody is asked where no command is configured, or nothing was applied", async () => {
    expect((await healthAfter(null)).found).toBeNull();
    const { found, asked } = await healthAfter('{"healthy": true}', { skipped: true });
    expect([found, asked]).toEqual([null, []]);
  });
});
