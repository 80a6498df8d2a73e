import { AsyncLocalStorage } from "node:async_hooks";
import { type Span as ApiSpan, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { asPlumblineError } from "../model/errors.ts";
import type { Span, SpanFacts } from "../model/span.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Tracer } from "../ports/tracer.ts";
import { along } from "./trail.ts";

export interface TracerOptions {
  /** Root of the collector: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly redactor: Redactor;
  readonly log: Log;
}

/** A collector that does not answer costs no more than this, at a stop too. */
const ANSWER_MS = 5_000;
const CLOSE_MS = 2_000;
/** Spans wait so long for others to go along with. */
const BATCH_MS = 1_000;

/** Spans as JSON to an OTLP/HTTP collector, in batches, beside the work. What it cannot take is dropped. */
export const openTracer = ({ endpoint, headers, version, redactor, log }: TracerOptions): Tracer => {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: ANSWER_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "plumbline", "service.version": version }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: told(exporter, log), scheduledDelayMillis: BATCH_MS }),
    ],
  });
  const tracer = provider.getTracer("plumbline", version);
  const current = new AsyncLocalStorage<ApiSpan>();
  const redacted = (facts: SpanFacts): SpanFacts =>
    Object.fromEntries(
      Object.entries(facts).map(([name, one]) => [
        name,
        typeof one === "string" ? redactor.redact(one) : one,
      ]),
    );
  return {
    span: async (name, facts, work) => {
      const parent = current.getStore();
      const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
      const span = tracer.startSpan(redactor.redact(name), { attributes: redacted(facts) }, context);
      const held = heldSpan(span, redacted);
      const { traceId } = span.spanContext();
      try {
        return await current.run(span, () => along({ trace: traceId }, () => work(held)));
      } catch (thrown) {
        held.failed(asPlumblineError(thrown).code);
        throw thrown;
      } finally {
        span.end();
      }
    },
    close: () => inTime(provider.shutdown()),
  };
};

const heldSpan = (span: ApiSpan, redacted: (facts: SpanFacts) => SpanFacts): Span => ({
  add: (facts) => void span.setAttributes(redacted(facts)),
  failed: (code) => {
    span.setAttributes(redacted({ "error.type": code }));
    span.setStatus({ code: SpanStatusCode.ERROR });
  },
});

/** Says once that spans are lost, and once that they are taken again. */
const told = (exporter: SpanExporter, log: Log): SpanExporter => {
  let isLost = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed && !isLost)
          log.warn("spans could not be sent: the collector of traces does not take them", {
            error: result.error,
          });
        if (!failed && isLost) log.info("the collector takes spans again");
        isLost = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
};

const inTime = async (ended: Promise<unknown>): Promise<void> => {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSE_MS);
  await Promise.race([ended.catch(() => undefined), late.promise]);
  clearTimeout(timer);
};
