import { z } from "zod";
import { dateRule, durationRule, filledRule } from "./leaf-rules.ts";
import type { Shape } from "./yaml.ts";

const count = z.number().min(0);
const tables = z.record(
  filledRule,
  z.strictObject({
    estimated_rows: count.optional(),
    size_gb: count.optional(),
    criticality: filledRule.optional().describe("tier-0 for what everything else stands on."),
    data_classification: filledRule.optional(),
  }),
);

const entry = z.strictObject({
  resources: z
    .array(filledRule)
    .optional()
    .describe(
      "Addresses that it speaks of, `*` for any characters; without them it speaks of its tables alone.",
    ),
  workspaces: z
    .array(filledRule)
    .optional()
    .describe("Folders or DIR#NAME, `*` for any characters; all where left out."),
  database: filledRule.optional(),
  engine: filledRule.optional(),
  region: filledRule.optional(),
  schema_version: filledRule
    .optional()
    .describe("The newest migration that is applied to the database; in quotes."),
  environment: filledRule.optional(),
  service_owner: filledRule.optional(),
  criticality: filledRule.optional(),
  data_classification: z
    .union([filledRule, z.record(filledRule, filledRule)])
    .optional()
    .describe("Of all of it, or table by table."),
  size_gb: count.optional(),
  table_stats: tables.optional(),
  bucket_stats: z.strictObject({ objects: count.optional(), size_gb: count.optional() }).optional(),
  restore_test: z
    .strictObject({
      latest_success: dateRule.optional().describe("When a restore last worked."),
      duration: durationRule.optional().describe("How long it took, such as 45m."),
      size_gb: count.optional().describe("How much was restored."),
    })
    .optional(),
  observed_at: dateRule.optional().describe("When this was measured."),
});

/** A file of the repository, or what the service's command prints. */
export const resourceContextSchema = z
  .strictObject({
    version: z.literal(1).optional(),
    resource_context: z.union([entry, z.array(entry)]),
  })
  .describe("What is known of resources beside plan and code.");

export type ResourceContextYaml = z.infer<typeof resourceContextSchema>;
export type ContextEntryYaml = z.infer<typeof entry>;
export const resourceContextShape = z.toJSONSchema(resourceContextSchema, { target: "draft-7" }) as Shape;
