import type { ChangeClass } from "../model/change-class.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/** A `stateful_change` block with all that the found class requires, to be pasted and filled in. */
export const claimExample = ({ changes, governance }: StatefulFacts, level: ChangeClass): string => {
  const rules = governance.classes[level];
  const systems = [
    ...new Set(changes.filter((one) => one.class >= "R2").map(({ place, system }) => system ?? place)),
  ].slice(0, 5);
  const phase = changes.find((one) => one.phase)?.phase ?? "<one of those>";
  return [
    "stateful_change:",
    `  class: ${level}`,
    "  durable_systems:",
    ...(systems.length > 0 ? systems : ["postgres.orders"]).map((place) => `    - ${JSON.stringify(place)}`),
    `  phase: ${phase}  # expand, dual-write, backfill, shadow-read, cutover or contract`,
    "  compatibility:",
    "    old_app_reads_new_schema: <true or false>",
    "    new_app_reads_old_schema: <true or false>",
    "  rollback_boundary: <from where on there is no way back>",
    ...(rules.backupProof ? PROOF : []),
    ...(level === "R5" ? ["  migration:", "    plan: <link to the formal migration plan>"] : []),
  ].join("\n");
};

const PROOF: readonly string[] = [
  "  backup:",
  "    id: <how the backup is found>",
  "    taken_at: <date or time>",
  "    restore_test:",
  "      id: <where the test is written down>",
  "      at: <date or time>",
  "      result: <passed or failed>",
  "    rto: <how long a restore takes, such as 30m>",
  "    rpo: <how much is lost at most, such as 5m>",
  "    owner: <who restores it>",
  "    restore_realistic: <true or false>  # false: also say `recovery`",
  "    decision: <where that was decided>",
];
