import { writeFile } from "node:fs/promises";
import { METRICS, PREFIX } from "../src/web/metric-list.ts";

/** `docs/metrics.md`: every metric of our own, from the list that `/metrics` is made of. */
export const metricsDocument = (): string =>
  [
    "# Metrics",
    "",
    "Written by `node scripts/metrics-doc.ts` from `src/web/metric-list.ts`.",
    "",
    "`GET /metrics` speaks Prometheus's text format to a token with the role viewer on everything. What is counted over",
    "time is of the last week and computed from the ledger at most every 15 seconds, so every replica tells the same and",
    "a restart forgets nothing: take `max` over replicas, not `sum`. Quantiles are 0.5 and 0.95. No label names a",
    "workspace, a pull request or a commit. `deploy/` holds alert rules and a Grafana dashboard over these names. Beside",
    `them stand prom-client's of the process (\`${PREFIX}process_*\`, \`${PREFIX}nodejs_*\`).`,
    "",
    "| metric | labels | meaning |",
    "|---|---|---|",
    ...METRICS.map(
      ({ name, labels, help }) =>
        `| \`${PREFIX}${name}\` | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
    ),
    "",
    "The same numbers with weeks and owners: `GET /api/v1/numbers`, and the page `/numbers`.",
    "",
  ].join("\n");

if (import.meta.main) await writeFile(new URL("../docs/metrics.md", import.meta.url), metricsDocument());
