import type { ChangeClass } from "../model/change-class.ts";
import type { ContextEntry } from "../model/resource-context.ts";
import type { BackupProof, StatefulClaim } from "../model/stateful-change.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/**
 * What is wrong with the proof that there is a way back: fields that are missing, a restore that was not tried, failed
 * or lies too long back, a backup of tomorrow. Empty where it holds.
 */
export const missingProof = (
  { governance, now, context = [] }: Pick<StatefulFacts, "governance" | "now" | "context">,
  { backup, recovery }: StatefulClaim,
  level: ChangeClass = "R4",
): readonly string[] => {
  const limits = governance.recovery?.[level];
  const gaps = FIELDS.filter(([, isThere]) => !isThere(backup)).map(([name]) => name);
  const { restoreTest, takenAt } = backup;
  if (restoreTest.passed === false)
    gaps.push("backup.restore_test.result: a restore that failed proves nothing");
  const least = (own: number, limit: number | null | undefined): number => Math.min(own, limit ?? own);
  const backupAge = least(governance.backupMaxAgeMs, limits?.backupMaxAgeMs);
  const testAge = least(governance.restoreTestMaxAgeMs, limits?.restoreTestMaxAgeMs);
  gaps.push(...ageProblem("backup.taken_at", takenAt, now, backupAge));
  gaps.push(...ageProblem("backup.restore_test.at", restoreTest.at, now, testAge));
  gaps.push(...overLimit("backup.rto", backup.rtoMs, limits?.rtoMs, level));
  gaps.push(...overLimit("backup.rpo", backup.rpoMs, limits?.rpoMs, level));
  gaps.push(...context.flatMap((known) => contradictions(backup, known)));
  if (backup.restoreRealistic === false && recovery === null)
    gaps.push("recovery: where a restore is no way back, say how it is made good or rolled forward");
  return gaps;
};

const overLimit = (
  name: string,
  said: number | null | undefined,
  limit: number | null | undefined,
  level: ChangeClass,
): readonly string[] =>
  said == null || limit == null || said <= limit
    ? []
    : [`${name}: ${minutes(said)} are said, and this service allows ${minutes(limit)} for ${level}`];

/** Where what was measured says otherwise than the author: a restore that takes longer, or was not tried since. */
const contradictions = (
  { restoreTest, rtoMs }: BackupProof,
  { restoreTest: known, sizeGb, bucket, source }: ContextEntry,
): readonly string[] => {
  const gaps: string[] = [];
  const { latestSuccess, durationMs } = known;
  if (latestSuccess && restoreTest.at && restoreTest.at.getTime() > latestSuccess.getTime() + DAY)
    gaps.push(
      `backup.restore_test.at: ${day(restoreTest.at)} is said, and ${source} knows of none after ${day(latestSuccess)}`,
    );
  const size = sizeGb ?? bucket?.sizeGb ?? null;
  const grown = size !== null && known.sizeGb ? Math.max(1, size / known.sizeGb) : 1;
  const expected = durationMs === null ? null : durationMs * grown;
  if (expected !== null && rtoMs != null && expected > rtoMs)
    gaps.push(
      `backup.rto: ${minutes(rtoMs)} are said, and by the last restore (${source}) it takes ${minutes(expected)}`,
    );
  return gaps;
};

const minutes = (milliseconds: number): string => `${Math.ceil(milliseconds / 60_000)} min`;

const FIELDS: readonly (readonly [string, (backup: BackupProof) => boolean])[] = [
  ["backup.id", ({ id }) => id !== null],
  ["backup.taken_at", ({ takenAt }) => takenAt !== null],
  ["backup.restore_test.at", ({ restoreTest }) => restoreTest.at !== null],
  ["backup.restore_test.result", ({ restoreTest }) => restoreTest.passed !== null],
  ["backup.rto", ({ rto }) => rto !== null],
  ["backup.rpo", ({ rpo }) => rpo !== null],
  ["backup.owner", ({ owner }) => owner !== null],
  ["backup.restore_realistic", ({ restoreRealistic }) => restoreRealistic !== null],
  ["backup.decision", ({ decision }) => decision !== null],
];

const DAY = 86_400_000;

const ageProblem = (name: string, at: Date | null, now: Date, most: number): readonly string[] => {
  if (at === null) return [];
  const age = now.getTime() - at.getTime();
  if (age < -DAY) return [`${name}: ${day(at)} has not come yet`];
  if (age <= most) return [];
  return [`${name}: ${day(at)} is ${Math.floor(age / DAY)} days ago, ${Math.floor(most / DAY)} are allowed`];
};

const day = (date: Date): string => date.toISOString().slice(0, 10);
