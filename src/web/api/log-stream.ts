import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { mayAct } from "../../gate/access.ts";
import type { Principal } from "../../model/access.ts";
import { PlumblineError } from "../../model/errors.ts";
import { isSettled } from "../../model/run.ts";
import type { LogPart } from "../../model/run-log.ts";
import type { ReadModel } from "../../ports/read-model.ts";

export interface LogStream {
  readonly read: ReadModel;
  /** The log from a byte on, as it grows, until the run has ended or the signal aborts. */
  readonly follow: (run: string, from: number, signal: AbortSignal) => AsyncIterable<LogPart>;
  /** Who asks; throws where nobody may. */
  readonly admitted: (request: FastifyRequest) => Promise<Principal>;
}

export const LOG_STREAM = "/runs/{id}/log/stream";
export const logStreamQuery = z.object({
  from: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("the byte to begin at; Last-Event-ID comes before it"),
});

/** After this the browser comes back by itself and is asked again who it is. */
const LONGEST_MS = 10 * 60_000;
/** Proxies cut what is silent. */
const BEAT_MS = 15_000;
/** Each holds a connection and looks at the ledger. */
const MOST_STREAMS = 200;
/** Of them so many are one principal's: with all of its pages open nobody else could follow anything. */
const MOST_OF_ONE = 20;
/** Seconds after which a place may be free. */
const ASK_AGAIN_S = 15;

/**
 * `GET /runs/{id}/log/stream`: server-sent events `log` with the place to go on from as their id, and one `end` with
 * the run's state.
 */
export const addLogStream = (app: FastifyInstance, { read, follow, admitted }: LogStream): void => {
  const open = new Map<AbortController, string>();
  app.addHook("preClose", async () => {
    for (const stream of open.keys()) stream.abort();
  });
  const path = LOG_STREAM.replace("{id}", ":id");
  // A HEAD would open a stream that nobody reads to its end.
  app.get<{ Params: { id: string } }>(path, { exposeHeadRoute: false }, async (request, reply) => {
    const principal = await admitted(request);
    const { id } = request.params;
    const run = await read.run(id);
    if (!run || !mayAct(principal, "viewer", run.workspace))
      throw new PlumblineError("not-found", `There is no run ${id}.`);
    const from = placeIn(request);
    const who = `${principal.kind} ${principal.name}`;
    const theirs = [...open.values()].filter((one) => one === who).length;
    if (theirs >= MOST_OF_ONE || open.size >= MOST_STREAMS) {
      reply.header("retry-after", String(ASK_AGAIN_S));
      throw new PlumblineError(
        "too-many-streams",
        theirs >= MOST_OF_ONE
          ? `You follow ${theirs} logs here already.`
          : "Too many people follow logs here right now.",
      );
    }
    const stop = new AbortController();
    const until = AbortSignal.any([stop.signal, AbortSignal.timeout(LONGEST_MS)]);
    const events = Readable.from(withBeats(follow(id, from, until), until));
    const over = (): void => {
      stop.abort();
      open.delete(stop);
    };
    events.once("close", over);
    // A page that is closed while the log is silent: the stream would notice with its next beat only.
    reply.raw.once("close", over);
    // Last: whatever throws before this has taken no place, and what comes after gives it back.
    open.set(stop, who);
    reply.header("content-type", "text/event-stream; charset=utf-8");
    reply.header("x-accel-buffering", "no");
    return reply.send(events);
  });
};

const placeIn = (request: FastifyRequest): number => {
  const last = String(request.headers["last-event-id"] ?? "");
  if (/^\d{1,12}$/.test(last)) return Number(last);
  const read = logStreamQuery.safeParse(request.query);
  if (!read.success) throw new PlumblineError("wrong-arguments", "query.from: a byte of the log.");
  return read.data.from;
};

async function* withBeats(parts: AsyncIterable<LogPart>, until: AbortSignal): AsyncGenerator<string> {
  yield "retry: 1000\n\n";
  const source = parts[Symbol.asyncIterator]();
  const gone = Promise.withResolvers<null>();
  until.addEventListener("abort", () => gone.resolve(null), { once: true });
  let next = source.next();
  try {
    while (!until.aborted) {
      const beat = Promise.withResolvers<null>();
      const timer = setTimeout(() => beat.resolve(null), BEAT_MS);
      const got = await Promise.race([next, beat.promise, gone.promise]).finally(() => clearTimeout(timer));
      if (until.aborted) return;
      if (got === null) yield ": it goes on\n\n";
      else if (got.done) return;
      else {
        yield eventOf(got.value);
        next = source.next();
      }
    }
  } finally {
    void source.return?.();
  }
}

const eventOf = ({ state, next, bytes, text }: LogPart): string => {
  const lines = text.replace(/\n$/, "").split(/\r\n|\r|\n/);
  const log =
    text === "" ? "" : `id: ${next}\nevent: log\n${lines.map((line) => `data: ${line}\n`).join("")}\n`;
  const end =
    isSettled(state) && next >= bytes
      ? `id: ${next}\nevent: end\ndata: ${JSON.stringify({ state })}\n\n`
      : "";
  return log + end;
};
