import { z } from "zod";
import type { ConfigProblem } from "../model/config.ts";
import type { FreezePeriod, RecoveryLimits } from "../model/governance.ts";
import { parseDuration } from "./duration.ts";
import { startOfDate } from "./governance.ts";
import { dateRule, durationRule, endOfDate, filledRule } from "./leaf-rules.ts";

const freeze = z
  .strictObject({
    name: filledRule.describe("How people call it: `year end`."),
    start: dateRule.describe("A day, or a time."),
    end: dateRule.describe("A day without a time counts to its end."),
    reason: filledRule.describe("Told to whoever is stopped."),
    owner: filledRule.describe("Whom to ask about it."),
    workspaces: z
      .array(filledRule)
      .optional()
      .describe("OWNER/REPO//DIR#NAME, DIR or DIR#NAME, or a glob; all where left out."),
  })
  .describe("A window in which nothing is applied.");

const limits = z
  .strictObject({
    rto: durationRule.optional().describe("How long a restore may take at most."),
    rpo: durationRule.optional().describe("How much may be lost at most."),
    restore_test_max_age: durationRule.optional().describe("How old a restore test may be at most."),
    backup_max_age: durationRule.optional().describe("How old a backup may be at most."),
  })
  .describe("Of a change of this class.");

/** `freeze_calendar` of the server's file: for every repository, beside each one's own `governance.freeze`. */
export const freezeCalendarSchema = z.array(freeze);

/** `recovery_limits` of the server's file: what a proof of backup must keep, class by class. */
export const recoveryLimitsSchema = z.strictObject({ R4: limits.optional(), R5: limits.optional() });

type CalendarYaml = z.infer<typeof freezeCalendarSchema>;

export const calendarOf = (yaml: CalendarYaml): readonly FreezePeriod[] =>
  yaml.flatMap(({ name, start, end, reason, owner, workspaces = [] }) => {
    const [from, until] = [startOfDate(start), endOfDate(end)];
    return from && until ? [{ from, until, reason: `${name}: ${reason}`, owner, workspaces }] : [];
  });

/** Windows that end before they begin, and two of one name. */
export const calendarProblems = (yaml: unknown): readonly ConfigProblem[] => {
  const read = freezeCalendarSchema.safeParse(yaml);
  if (!read.success) return [];
  const names = read.data.map(({ name }) => name);
  return read.data.flatMap(({ name, start, end }, index) => {
    const [from, until] = [startOfDate(start), endOfDate(end)];
    const at = `freeze_calendar[${index}]`;
    return [
      ...(from && until && until <= from
        ? [{ path: `${at}.end`, message: "This is not after `start`." }]
        : []),
      ...(names.indexOf(name) === index
        ? []
        : [{ path: `${at}.name`, message: "Another window has this name." }]),
    ];
  });
};

export const recoveryLimitsOf = (
  yaml: z.infer<typeof recoveryLimitsSchema>,
): Readonly<Record<string, RecoveryLimits>> =>
  Object.fromEntries(
    Object.entries(yaml).map(([level, given]) => [
      level,
      {
        rtoMs: millisecondsOf(given?.rto),
        rpoMs: millisecondsOf(given?.rpo),
        restoreTestMaxAgeMs: millisecondsOf(given?.restore_test_max_age),
        backupMaxAgeMs: millisecondsOf(given?.backup_max_age),
      },
    ]),
  );

const millisecondsOf = (text: string | undefined): number | null =>
  text === undefined ? null : (parseDuration(text) ?? null);
