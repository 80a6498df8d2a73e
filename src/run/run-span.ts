import type { Run, RunError, RunState } from "../model/run.ts";
import { inSpan } from "../model/span.ts";
import type { World } from "./world.ts";

interface Ended {
  readonly to: RunState;
  readonly error?: RunError;
}

/** One run as a span of its trace: its steps and engine processes are below it. Null: it was never begun. */
export const runSpan = (
  { tracer, clock }: Pick<World, "tracer" | "clock">,
  run: Run,
  work: () => Promise<Ended | null>,
): Promise<void> =>
  inSpan(tracer, `run ${run.kind}`, factsOf(run, clock.now()), async (span) => {
    const ended = await work();
    if (!ended) return;
    span.add({ "plumbline.result": ended.to });
    if (ended.error) span.failed(ended.error.code);
  });

/** The same for a look at a run whose end nobody saw: how it was settled is in the ledger afterwards. */
export const lookSpan = (
  world: Pick<World, "tracer" | "clock" | "ledger">,
  run: Run,
  look: () => Promise<void>,
): Promise<void> =>
  runSpan(world, run, async () => {
    await look();
    const after = await world.ledger.runs.get(run.id);
    return after && { to: after.state, ...(after.error ? { error: after.error } : {}) };
  });

const factsOf = ({ id, workspace, kind, trigger, pull, createdAt }: Run, now: Date) => ({
  "plumbline.run": id,
  "plumbline.workspace": workspace,
  "plumbline.kind": kind,
  "plumbline.trigger": trigger,
  "plumbline.queued_ms": now.getTime() - createdAt.getTime(),
  ...(pull ? { "plumbline.pull": `${pull.repo}#${pull.number}` } : {}),
});
