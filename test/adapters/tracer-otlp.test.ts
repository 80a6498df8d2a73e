import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { openTracer } from "../../src/adapters/tracer-otlp.ts";
import { trail } from "../../src/adapters/trail.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { inSpan } from "../../src/model/span.ts";
import { silent } from "../contract/engine-bench.ts";
import { sentSpans } from "../contract/spans.ts";
import { startReceiver } from "./receiver.ts";

const SECRET = "hunter2-hunter2-hunter2";
let collector: Awaited<ReturnType<typeof startReceiver>>;
let status: number;
beforeEach(async () => {
  status = 200;
  collector = await startReceiver(() => ({ status }));
});
afterEach(() => collector.close());

const warned: string[] = [];
const tracerTo = (endpoint: string) => {
  const redactor = createRedactor();
  redactor.learn(SECRET);
  const log = { ...silent, warn: (text: string) => void warned.push(text) };
  return openTracer({ endpoint, headers: { "x-key": "k" }, version: "1.2.3", redactor, log });
};

test("spans come as a tree, redacted, with how they ended; log lines know their trace", async () => {
  const tracer = tracerTo(collector.url);
  const seen: (string | undefined)[] = [];
  const work = inSpan(tracer, "run plan", { workspace: `a ${SECRET}`, ms: 3 }, async (span) => {
    seen.push(trail().trace);
    await inSpan(tracer, "init", {}, async () => {});
    await inSpan(tracer, "plan", {}, async () => {
      throw new PlumblineError("engine-failed", `It says ${SECRET}.`);
    }).catch(() => {});
    span.add({ result: "failed" });
    span.failed("engine-failed");
  });
  await work;
  await inSpan(tracer, "run apply", {}, async () => {});
  await tracer.close();
  const spans = sentSpans(collector.received);
  const [run] = spans.filter(({ name }) => name === "run plan");
  expect(run).toMatchObject({ above: "", failed: true, trace: seen[0] });
  expect(run?.facts).toMatchObject({
    workspace: expect.not.stringContaining(SECRET),
    ms: 3,
    result: "failed",
  });
  expect(spans.map(({ name, above, failed }) => [name, above === run?.id, failed])).toEqual([
    ["init", true, false],
    ["plan", true, true],
    ["run plan", false, true],
    ["run apply", false, false],
  ]);
  expect(spans.at(-1)?.trace).not.toBe(run?.trace);
  expect(collector.received[0]?.headers["x-key"]).toBe("k");
  expect(JSON.stringify(collector.received)).not.toContain(SECRET);
  expect(JSON.stringify(collector.received)).toContain("1.2.3");
});

test("a collector that refuses, is silent or is not there fails no work and holds no stop up, and it is told", async () => {
  status = 400;
  const gone = await startReceiver();
  await gone.close();
  const dumb = createServer().listen(0, "127.0.0.1");
  await once(dumb, "listening");
  const { port } = dumb.address() as AddressInfo;
  for (const url of [collector.url, gone.url, `http://127.0.0.1:${port}`]) {
    const tracer = tracerTo(url);
    expect(await inSpan(tracer, "run plan", {}, async () => 7)).toBe(7);
    // By order, not by length: where the machine stands still, both timers do.
    const later = Promise.withResolvers<string>();
    const timer = setTimeout(later.resolve, 4_000, "later than four seconds");
    expect(await Promise.race([tracer.close(), later.promise])).toBeUndefined();
    clearTimeout(timer);
  }
  dumb.close();
  expect(warned[0]).toMatch(/could not be sent/);
});

test("where nobody keeps spans the work is done all the same", async () => {
  expect(await inSpan(undefined, "x", {}, async (span) => (span.failed("y"), 1))).toBe(1);
});
