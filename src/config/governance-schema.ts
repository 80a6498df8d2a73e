import { z } from "zod";
import { WEEKDAYS } from "../model/governance.ts";
import { dateRule, durationRule, filledRule, ruled } from "./leaf-rules.ts";

const roleName = ruled((name) =>
  /^[a-z][\w-]*$/.test(name) ? undefined : "A role is one word of small letters, digits and `-`.",
);
const timeRule = ruled((time) =>
  /^([01]\d|2[0-4]):[0-5]\d$/.test(time) && time <= "24:00" ? undefined : "This is no time such as 09:00.",
);
const zoneRule = ruled((zone) => (isZone(zone) ? undefined : "This is no time zone such as Europe/Berlin."));

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};

const window = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).optional().describe("All days where left out."),
  from: timeRule.describe("Such as 09:00."),
  to: timeRule.describe("Such as 16:00; 24:00 for the end of the day."),
  timezone: zoneRule.optional().describe("UTC where left out."),
});

const classRules = z
  .strictObject({
    approvals: z.array(roleName).optional().describe("One approval for each of these roles."),
    claim: z.boolean().optional().describe("Whether the author must give a `stateful_change` block."),
    backup_proof: z.boolean().optional().describe("Whether the block must prove a backup that was restored."),
    windows: z.array(window).optional().describe("When changes of this class may be applied."),
  })
  .describe("What a change of this class takes.");

/** `governance:` of plumbline.yaml. */
export const governanceSchema = z
  .strictObject({
    roles: z
      .record(roleName, z.array(filledRule))
      .optional()
      .describe("Who stands for a role: logins and @org/team."),
    classes: z
      .strictObject({
        R0: classRules.optional(),
        R1: classRules.optional(),
        R2: classRules.optional(),
        R3: classRules.optional(),
        R4: classRules.optional(),
        R5: classRules.optional(),
      })
      .optional()
      .describe("What a change of a class takes, over what holds by default."),
    restore_test_max_age: durationRule.optional().describe("How old a restore test may be: 90d by default."),
    backup_max_age: durationRule.optional().describe("How old a backup may be: 7d by default."),
    contract_apart: z
      .boolean()
      .optional()
      .describe("Whether contract and expand must come in pull requests of their own."),
    schema_first: z
      .boolean()
      .optional()
      .describe(
        "Whether an image must wait for the schema: denied beside a migration, or before the version that it requires; yes by default.",
      ),
    privileged_identities: z
      .array(filledRule)
      .optional()
      .describe(
        "Database users as whom no migration runs; postgres, root, rdsadmin and the like by default.",
      ),
    freeze: z
      .array(
        z.strictObject({
          from: dateRule.describe("A day, or a time."),
          until: dateRule.describe("A day without a time counts to its end."),
          reason: filledRule.describe("Told to whoever is stopped."),
          workspaces: z.array(filledRule).optional().describe("DIR, DIR#NAME or a glob; all where left out."),
        }),
      )
      .optional()
      .describe("Times in which nothing is applied."),
  })
  .describe("Who must approve what a change does to durable state, and when it may be applied.");

export type GovernanceYaml = z.infer<typeof governanceSchema>;
