import { z } from "zod";
import { PHASES } from "../model/stateful-change.ts";
import { lengthOf } from "./duration.ts";
import { changeClass, dateRule, ruled } from "./leaf-rules.ts";
import type { Shape } from "./yaml.ts";

const SAYS_NOTHING = /^(tbd|tba|todo|fixme|unknown|n\/?a|[?.\-x]+)$/i;

/** The example is to be filled in: what still stands in angle brackets says nothing, and neither does "tbd". */
const filledRule = ruled((text) => {
  if (text.trim() === "") return "This must not be empty.";
  if (SAYS_NOTHING.test(text.trim()))
    return "Fill this in: this says nothing. Leave the key out where it is not known.";
  return /^<.*>$/s.test(text.trim()) ? "Fill this in: the example's words prove nothing." : undefined;
});

/** Free words cannot be held against a limit, nor against what a restore really took. */
const lengthRule = (example: string) =>
  ruled((text) =>
    lengthOf(text) === undefined
      ? `This is no duration: write a number with s, m, h, d or w, such as \`${example}\`.`
      : undefined,
  );

const words = z.array(filledRule);
const phase = z.enum(PHASES);

const compatibility = z.strictObject({
  old_app_reads_new_schema: z.boolean().optional().describe("The running version works after the change."),
  new_app_reads_old_schema: z.boolean().optional().describe("The new version works before the change."),
  old_app_works_after: z.boolean().optional().describe("The same as old_app_reads_new_schema."),
  old_app_works_after_contract: z.boolean().optional(),
  rollback_safe_until: dateRule.optional().describe("Until when the application can be rolled back."),
});

const restoreTest = z.union([
  filledRule,
  z.strictObject({
    id: filledRule.optional(),
    at: dateRule.optional().describe("When the restore was tried."),
    result: z.enum(["passed", "failed"]).optional(),
  }),
]);

const backup = z.strictObject({
  required: z.boolean().optional(),
  id: filledRule.optional().describe("How the backup is found again."),
  taken_at: dateRule.optional(),
  timestamp: dateRule.optional().describe("The same as taken_at."),
  restore_tested: z.boolean().optional(),
  restore_test: restoreTest.optional(),
  rto: lengthRule("rto: 30m").optional().describe("How long a restore takes, such as 30m."),
  rpo: lengthRule("rpo: 5m").optional().describe("How much is lost at most, such as 5m; 0s for nothing."),
  owner: filledRule.optional().describe("Who restores it."),
  restore_realistic: z
    .boolean()
    .optional()
    .describe("Whether restoring is a way back at all: it may lose later writes or harm other services."),
  decision: filledRule.optional().describe("Where that was decided."),
});

const migration = z.strictObject({
  tool: filledRule.optional(),
  tool_version: filledRule.optional(),
  plan: filledRule.optional().describe("Link to the formal migration plan, for R5."),
  estimated_runtime: filledRule.optional(),
  lock_risk: z.enum(["none", "low", "medium", "high"]).optional(),
  backfill_strategy: filledRule.optional(),
  identity: filledRule.optional().describe("Database user that it runs as."),
});

const contractStep = z.strictObject({
  expand_contract_phase: phase.optional(),
  deprecated_since: dateRule.optional().describe("Since when the old shape is announced as going."),
  deprecation_window: lengthRule("deprecation_window: 30d")
    .optional()
    .describe("How long everybody has to leave it, such as 30d."),
  zero_fallback: z
    .strictObject({
      metric: filledRule.optional().describe("What counts uses of the old shape."),
      since: dateRule.optional().describe("Since when it has been zero."),
      evidence: filledRule.optional().describe("Where that can be looked at."),
    })
    .optional()
    .describe("The proof that nobody falls back on the old shape."),
});

const claimKeys = {
  class: changeClass.optional().describe("R0 to R5: how reversible the change is, by its author's word."),
  durable_systems: words.optional().describe("What keeps data and is touched, such as postgres.customer."),
  phase: phase.optional(),
  phase_sequence: z.array(phase).optional().describe("The phases over several pull requests."),
  compatibility: compatibility.optional(),
  requires_schema_version: filledRule
    .optional()
    .describe("Schema version without which the new application does not work; in quotes."),
  rollback_boundary: filledRule.optional().describe("From where on there is no way back."),
  backup: backup.optional(),
  recovery: filledRule.optional().describe("What is done where a restore is no way back."),
  migration: migration.optional(),
  contract_step: contractStep.optional().describe("Of a contract: why the old shape may go."),
  observability: z.strictObject({ required_metrics: words.optional() }).optional(),
  approvals: z.strictObject({ required: words.optional() }).optional(),
  change_id: filledRule.optional(),
};
const claim = z.strictObject(claimKeys);

/** A `stateful_change:` block, as it stands in the description of a pull request. */
export const statefulChangeSchema = z
  .strictObject({ stateful_change: claim })
  .describe("What a pull request does to durable state, by its author's word.");

/** `migration-metadata.yaml`: the same keys without the block around them, and older names for some. */
export const migrationMetadataSchema = z
  .strictObject({
    ...claimKeys,
    stateful_change: claim.optional(),
    service: filledRule.optional(),
    database: filledRule.optional(),
    classification: changeClass.optional().describe("The same as class."),
    expected_runtime: filledRule.optional().describe("The same as migration.estimated_runtime."),
    requires_backup: z.boolean().optional(),
    backup_restore_test: restoreTest.optional().describe("The same as backup.restore_test."),
  })
  .describe("migration-metadata.yaml: what the migrations beside it do, by their author's word.");

export type ClaimYaml = z.infer<typeof claim>;
export type StatefulChangeYaml = z.infer<typeof statefulChangeSchema>;
export type MetadataYaml = z.infer<typeof migrationMetadataSchema>;

export const statefulChangeShape = z.toJSONSchema(statefulChangeSchema, { target: "draft-7" }) as Shape;
export const migrationMetadataShape = z.toJSONSchema(migrationMetadataSchema, { target: "draft-7" }) as Shape;
