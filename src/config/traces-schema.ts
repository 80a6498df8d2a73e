import { z } from "zod";
import type { ServerConfig } from "../model/config.ts";
import { filledRule, ruled } from "./leaf-rules.ts";
import { httpUrlRule } from "./server-rules.ts";

const headerName = ruled((name) =>
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ? undefined : "This is no name of a header.",
);

export const tracesSchema = z
  .strictObject({
    endpoint: httpUrlRule
      .optional()
      .describe(
        "Root of an OTLP/HTTP collector, such as http://127.0.0.1:4318, here or in OTEL_EXPORTER_OTLP_ENDPOINT; no traces where left out.",
      ),
    headers: z
      .record(headerName, filledRule)
      .optional()
      .describe("Sent along, such as a key of the collector's; they are secret."),
  })
  .describe("Traces of runs, by OpenTelemetry.");

export const tracesOf = ({
  traces,
}: {
  readonly traces?: Traces | undefined;
}): Pick<ServerConfig, "traces"> =>
  traces?.endpoint === undefined
    ? {}
    : { traces: { endpoint: traces.endpoint, headers: traces.headers ?? {} } };
type Traces = z.infer<typeof tracesSchema>;
