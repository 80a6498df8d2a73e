import type { Evidence } from "../config/evidence-schema.ts";
import { migratedLines } from "./evidence-migrated.ts";

/** A bundle in words: one heading for each question that an auditor asks, its answers below. */
export const evidenceAnswers = (evidence: Evidence): readonly string[] => [
  `${evidence.changeId}: ${evidence.workspace}, ${evidence.outcome}`,
  "",
  ...section("Who approved", whoApproved(evidence), "nobody"),
  ...section("What policies said", policyLines(evidence), "no policy was asked"),
  ...section("What changed", whatChanged(evidence)),
  ...section("When", when(evidence)),
  ...section("By which identity", byWhom(evidence)),
  ...section("What it looked like before and after", beforeAndAfter(evidence)),
  ...section("What the verification proved", whatWasProven(evidence)),
  ...section("Which recovery path existed", wayBack(evidence)),
];

const section = (title: string, lines: readonly string[], none = "nothing"): readonly string[] => [
  title,
  ...(lines.length === 0 ? [none] : lines).map((line) => `  ${line}`),
];

const whoApproved = ({ approvals }: Evidence): readonly string[] =>
  approvals.flatMap(({ by, kind, how, at, head, digest, counted, why, roles, reason, places }) => {
    const as = roles.length > 0 ? ` as ${roles.join(", ")}` : "";
    const bound = ` for commit ${head}${digest === null ? "" : `, plan ${digest}`}`;
    const because = reason === null ? "" : `: ${reason}`;
    return [
      `${by}: ${kind} by ${how} at ${at}${as}${bound}${because}${counted ? "" : `; did not count: ${why ?? "voided"}`}`,
      ...(places ?? []).map((place) => `  let be undone: ${place}`),
    ];
  });

const policyLines = ({ policies }: Evidence): readonly string[] => {
  if (policies === null) return [];
  const said = (what: string, list: readonly { set: string; policy: string; message: string }[]) =>
    list.map(({ set, policy, message }) => `${what} ${set}, ${policy}: ${message}`);
  return [
    policies.sets === null ? "which sets were asked was not kept" : `asked: ${policies.sets.join(", ")}`,
    ...said("denied, and approved by owners of", policies.denied),
    ...said("warning of", policies.warned),
    ...said("would be denied by", policies.dryRun),
    ...policies.excepted.map(
      ({ set, policy, owner, reason, until }) =>
        `excepted: ${set}, ${policy}, by ${owner}: ${reason}${until === "" ? "" : `, until ${until}`}`,
    ),
  ];
};

const whatChanged = (evidence: Evidence): readonly string[] => {
  const { class: level, plan, commits, changes, findings, systems, migration, files } = evidence;
  return [
    `class ${level.counted} (found ${level.found}, claimed ${level.claimed ?? "nothing"}), plan ${plan.digest}, commit ${commits.applied}`,
    ...(systems && systems.length > 0 ? [`durable systems: ${systems.join(", ")}`] : []),
    ...(changes.length === 0
      ? ["no resource"]
      : changes.map((one) => `${one.class} ${one.action} ${one.address}`)),
    ...findings.map(({ class: one, place, message }) => `${one} ${place}: ${message}`),
    ...(migration ? [migrationLine(migration)] : []),
    ...migratedLines(evidence),
    ...files.map(({ path, sha256 }) => `${path}: sha256 ${sha256}`),
  ];
};

const migrationLine = ({ tool, toolVersion, versions }: NonNullable<Evidence["migration"]>): string =>
  `migration by ${tool ?? "a tool that nobody named"}${toolVersion ? ` ${toolVersion}` : ""}: ${versions.join(", ") || "no file of SQL"}`;

const when = ({ times }: Evidence): readonly string[] => [
  `asked ${times.asked}, started ${times.started ?? "never"}, ended ${times.ended}`,
  ...times.steps.map(
    ({ name, startedAt, endedAt, ok }) =>
      `${name}: ${startedAt} to ${endedAt ?? "?"}${ok === false ? ", failed" : ""}`,
  ),
];

const byWhom = ({ executor }: Evidence): readonly string[] => [
  `asked by ${executor.requestedBy}, done by ${executor.identity} (instance ${executor.instance}, fencing token ${executor.fencingToken}, Plumbline ${executor.plumbline}, ${executor.engine})`,
];

const beforeAndAfter = ({ stateBefore, stateAfter, commits, context }: Evidence): readonly string[] => [
  `state ${stateText(stateBefore)} -> ${stateText(stateAfter)}`,
  `code ${commits.base ?? "unknown"} -> ${commits.applied}`,
  ...(context ?? []).map(
    ({ resources, database, sizeGb, dataClassification, restoreTest, source }) =>
      `${database ?? resources.join(", ")} (${source}): ${sizeGb === null ? "size not known" : `${sizeGb} GB`}, data ${dataClassification ?? "not classified"}, last restored ${restoreTest.latestSuccess ?? "never"}`,
  ),
];

const stateText = (state: Evidence["stateBefore"]): string => {
  if (state === null) return "unknown";
  const schema = state.schemaVersion === null ? "" : `, schema ${state.schemaVersion}`;
  return `${state.serial} of ${state.lineage}${schema}`;
};

const whatWasProven = ({
  verification: { planned, clean, remaining, schemaCheck, schemaDigest, health },
}: Evidence): readonly string[] => [
  clean
    ? "a second plan is empty"
    : planned
      ? "a second plan is not empty:"
      : "no second plan could be made, so nothing is proven",
  ...remaining.map((left) => `  ${left}`),
  ...(schemaCheck === null
    ? []
    : [
        `live schema against the files: ${schemaCheck}${schemaDigest === null ? "" : `, sha256 ${schemaDigest}`}`,
      ]),
  ...(health === null
    ? ["application health: nobody was asked"]
    : [
        `application health: ${health.healthy === null ? `could not be told: ${health.problem}` : health.healthy ? "passed" : "FAILED"}`,
        ...Object.entries(health.metrics).map(([name, value]) => `  ${name}: ${value}`),
        ...health.missing.map((name) => `  ${name}: asked for, not told`),
      ]),
];

const wayBack = ({ recovery, backup, compatibility }: Evidence): readonly string[] => [
  `${recovery.path}${recovery.by === "author" ? " (by the author's word)" : ""}`,
  `boundary: ${recovery.rollbackBoundary ?? "nobody named one"}${recovery.rollbackSafeUntil ? `, safe until ${recovery.rollbackSafeUntil}` : ""}; ${crossedText(recovery.crossed)}`,
  ...(recovery.codeBefore ? [`code before: commit ${recovery.codeBefore}`] : []),
  ...(compatibility
    ? [
        `old version works after it: ${saidText(compatibility.oldReadsNew)}; new version worked before it: ${saidText(compatibility.newReadsOld)}`,
      ]
    : []),
  ...(backup ? backupLines(backup) : ["backup: none was proven"]),
];

const crossedText = (crossed: boolean | null): string =>
  crossed === null ? "whether it is crossed nobody said" : crossed ? "crossed" : "not crossed";
const saidText = (said: boolean | null): string => (said === null ? "not said" : said ? "yes" : "no");

const backupLines = (backup: NonNullable<Evidence["backup"]>): readonly string[] => [
  `backup ${backup.id ?? "?"} of ${backup.takenAt ?? "?"}; RTO ${backup.rto ?? "?"}, RPO ${backup.rpo ?? "?"}, restored by ${backup.owner ?? "?"}`,
  `restore test ${backup.restoreTest.id ?? ""} at ${backup.restoreTest.at ?? "never"}: ${backup.restoreTest.passed === null ? "result not said" : backup.restoreTest.passed ? "passed" : "failed"}`.replace(
    "  ",
    " ",
  ),
  `restoring is a way back: ${saidText(backup.restoreRealistic)}; decided in ${backup.decision ?? "?"}`,
];
