import type { Parsed } from "../model/config.ts";
import type { ContextEntry, TableContext } from "../model/resource-context.ts";
import { parseDuration } from "./duration.ts";
import { endOfDate } from "./leaf-rules.ts";
import { parseShape } from "./repo-config.ts";
import {
  type ContextEntryYaml,
  type ResourceContextYaml,
  resourceContextSchema,
  resourceContextShape,
} from "./resource-context-schema.ts";

/** What is known of resources, as YAML or JSON (schemas/resource-context.schema.json); `source` is named in messages. */
export const readResourceContext = (text: string, source: string): Parsed<readonly ContextEntry[]> => {
  const parsed = parseShape<ResourceContextYaml>(text, resourceContextSchema, resourceContextShape);
  if (!parsed.ok)
    return {
      ok: false,
      problems: parsed.problems.map(({ path, message }) => ({
        path: path === "" ? source : `${source}: ${path}`,
        message,
      })),
    };
  const given = parsed.value.resource_context;
  return { ok: true, value: (Array.isArray(given) ? given : [given]).map((one) => entryOf(one, source)) };
};

const entryOf = (yaml: ContextEntryYaml, source: string): ContextEntry => ({
  resources: yaml.resources ?? [],
  workspaces: yaml.workspaces ?? [],
  database: yaml.database ?? null,
  engine: yaml.engine ?? null,
  region: yaml.region ?? null,
  ...(yaml.schema_version === undefined ? {} : { schemaVersion: yaml.schema_version }),
  environment: yaml.environment ?? null,
  serviceOwner: yaml.service_owner ?? null,
  criticality: yaml.criticality ?? null,
  dataClassification: typeof yaml.data_classification === "string" ? yaml.data_classification : null,
  tables: tablesOf(yaml),
  bucket: yaml.bucket_stats
    ? { objects: yaml.bucket_stats.objects ?? null, sizeGb: yaml.bucket_stats.size_gb ?? null }
    : null,
  sizeGb: yaml.size_gb ?? null,
  restoreTest: {
    latestSuccess: dateOf(yaml.restore_test?.latest_success),
    durationMs: durationOf(yaml.restore_test?.duration),
    sizeGb: yaml.restore_test?.size_gb ?? null,
  },
  observedAt: dateOf(yaml.observed_at),
  source,
});

/** Statistics and classification of a table may come apart. */
const tablesOf = (yaml: ContextEntryYaml): Readonly<Record<string, TableContext>> => {
  const stats = yaml.table_stats ?? {};
  const classes = typeof yaml.data_classification === "object" ? yaml.data_classification : {};
  return Object.fromEntries(
    [...new Set([...Object.keys(stats), ...Object.keys(classes)])].map((name) => [
      name,
      {
        rows: stats[name]?.estimated_rows ?? null,
        sizeGb: stats[name]?.size_gb ?? null,
        criticality: stats[name]?.criticality ?? null,
        classification: stats[name]?.data_classification ?? classes[name] ?? null,
      },
    ]),
  );
};

const dateOf = (text: string | undefined): Date | null => {
  if (text === undefined) return null;
  return text.length === 10 ? new Date(`${text}T00:00:00Z`) : (endOfDate(text) ?? null);
};
const durationOf = (text: string | undefined): number | null =>
  text === undefined ? null : (parseDuration(text) ?? null);
