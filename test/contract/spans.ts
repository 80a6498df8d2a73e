import type { Received } from "../adapters/receiver.ts";

export interface SentSpan {
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  /** Id of the span above; empty at the top. */
  readonly above: string;
  readonly failed: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}
interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const ERROR = 2;

/** The spans in what a collector got as OTLP JSON (opentelemetry-proto, ExportTraceServiceRequest). */
export const sentSpans = (received: readonly Received[]): readonly SentSpan[] =>
  received
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => (body as unknown as OtlpBody).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ name, traceId, spanId, parentSpanId = "", status, attributes }) => ({
      ...{ name, trace: traceId, id: spanId, above: parentSpanId },
      failed: status?.code === ERROR,
      facts: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }));
