import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readClaims } from "../../src/config/stateful-change.ts";
import { approvalsByRole } from "../../src/gate/approvals.ts";
import { codeOwners } from "../../src/gate/codeowners.ts";
import { freezeGate } from "../../src/gate/freeze.ts";
import { rolloutWarnings } from "../../src/gate/rollout.ts";
import { statefulGates } from "../../src/gate/stateful.ts";
import type {
  ApproverFacts,
  DurableChange,
  GivenApproval,
  StatefulFacts,
} from "../../src/gate/stateful-facts.ts";
import { isWithin } from "../../src/gate/windows.ts";
import { contextEntriesOf } from "../../src/migration/context-entry.ts";
import { DEFAULT_GOVERNANCE, type Governance, underServer } from "../../src/model/governance.ts";

const NOW = new Date("2026-07-03T10:00:00Z");
const SINCE = new Date("2026-07-03T09:00:00Z");
const DIGEST = "pd1:aaaabbbbccccdddd";

const dropped: DurableChange = {
  place: "aws_db_instance.orders",
  class: "R4",
  rule: "destroy",
  message: "Destroys the RDS instance and the data in it.",
};
const approval = (by: string, more: Partial<GivenApproval> = {}): GivenApproval => ({
  by,
  at: new Date("2026-07-03T09:30:00Z"),
  how: "comment",
  head: "head",
  digest: DIGEST,
  ...more,
});
const approvers = (more: Partial<ApproverFacts> = {}): ApproverFacts => ({
  given: [approval("lee")],
  objections: [],
  head: "head",
  digest: DIGEST,
  since: SINCE,
  excluded: new Set(["dana"]),
  permitted: new Set(["lee", "sam", "noor", "dana"]),
  members: {},
  ...more,
});
const facts = (more: Partial<StatefulFacts> = {}): StatefulFacts => ({
  pullClass: "R4",
  class: "R4",
  changes: [dropped],
  claims: readClaims(PROVEN, []),
  governance: DEFAULT_GOVERNANCE,
  approvers: approvers(),
  workspace: { key: "acme/infra//prod/db#default", dir: "prod/db", name: "default" },
  switches: [],
  freezeOverride: null,
  now: NOW,
  trigger: "plumbline",
  ...more,
});
const gates = (more: Partial<StatefulFacts> = {}) => statefulGates(facts(more)).map(({ gate }) => gate);
const claimed = (text: string) => ({ claims: readClaims(text, []) });
const governed = (more: Partial<Governance>): Governance => ({ ...DEFAULT_GOVERNANCE, ...more });

const PROVEN = `stateful_change:
  class: R4
  durable_systems: [rds.orders]
  phase: contract
  compatibility: { old_app_reads_new_schema: false, new_app_reads_old_schema: true }
  rollback_boundary: when it is applied
  backup:
    id: snap-1
    taken_at: 2026-07-02
    restore_test: { id: t-1, at: 2026-06-20, result: passed }
    rto: 30m
    rpo: 5m
    owner: lee
    restore_realistic: true
    decision: ADR-9
`;

test("what is claimed, proven and approved is let through", () => {
  expect(statefulGates(facts())).toEqual([]);
});

describe("the author's word", () => {
  test("none: the block that is missing is given to paste, and pasted it parses", () => {
    const [reason] = statefulGates(facts(claimed("")));
    expect(reason).toMatchObject({ gate: "stateful-change-missing", wayOut: expect.stringMatching(/[.:]$/) });
    expect(parse(reason?.example ?? "")).toMatchObject({
      stateful_change: { class: "R4", durable_systems: ["aws_db_instance.orders"] },
    });
  });
  test("an example that nobody filled in proves nothing, and filled in it does", () => {
    const example = statefulGates(facts(claimed("")))[0]?.example ?? "";
    const [reason] = statefulGates(facts(claimed(example)));
    expect(reason).toMatchObject({ gate: "stateful-change-unreadable" });
    expect(reason?.details?.join("\n")).toMatch(/backup.id: Fill this in/);
    const words: Readonly<Record<string, string>> = {
      "<true or false>": "true",
      "<date or time>": "2026-07-01",
      "<passed or failed>": "passed",
      "<one of those>": "contract",
      "<how long a restore takes, such as 30m>": "30m",
      "<how much is lost at most, such as 5m>": "0s",
    };
    const filled = example.replaceAll(/<[^>]+>/g, (gap) => words[gap] ?? "something");
    expect(gates(claimed(filled))).toEqual([]);
  });
  test("lower than found is denied, and says what makes it so", () => {
    const reasons = statefulGates(facts(claimed(PROVEN.replace("R4", "R2"))));
    expect(reasons).toMatchObject([
      { gate: "stateful-change-too-low", details: [expect.stringContaining("aws_db_instance.orders")] },
    ]);
  });
  test("higher than found counts as said: what nobody can see", () => {
    const low = { pullClass: "R1", class: "R1", changes: [] } as const;
    expect(gates({ ...low, ...claimed("stateful_change:\n  class: R5\n") })).toContain(
      "stateful-change-incomplete",
    );
    expect(gates({ ...low, ...claimed("") })).toEqual([]);
  });
  test("what does not parse stops whatever the class", () => {
    const low = { pullClass: "R1", class: "R1", changes: [] } as const;
    expect(statefulGates(facts({ ...low, ...claimed("stateful_change:\n  class: R9\n") }))).toMatchObject([
      { gate: "stateful-change-unreadable", details: [expect.stringContaining("stateful_change.class")] },
    ]);
  });
  test.each([
    [/^ {2}phase.*\n/m, "phase"],
    [/^ {2}durable.*\n/m, "durable_systems"],
    [/^ {2}rollback.*\n/m, "rollback_boundary or compatibility.rollback_safe_until"],
    [/^ {4}id.*\n/m, "backup.id"],
    [/^ {4}rto.*\n/m, "backup.rto"],
    [/^ {4}restore_realistic.*\n/m, "backup.restore_realistic"],
    ["result: passed", "backup.restore_test.result"],
  ])("without %s it names %s", (part, name) => {
    const [reason] = statefulGates(facts(claimed(PROVEN.replace(part, ""))));
    expect(reason).toMatchObject({ gate: "stateful-change-incomplete", details: [name] });
  });
  test.each([
    [
      "a restore test of last year",
      "2026-06-20",
      "2025-06-20",
      /restore_test.at: .*378 days ago, 90 are allowed/,
    ],
    ["a backup of last month", "2026-07-02", "2026-06-01", /taken_at: .*32 days ago, 7 are allowed/],
    ["a backup of next week", "2026-07-02", "2026-07-09", /has not come yet/],
    ["a restore that failed", "passed", "failed", /proves nothing/],
    ["a restore that is no way back", "restore_realistic: true", "restore_realistic: false", /recovery/],
  ])("%s proves nothing", (_what, part, by, message) => {
    const [reason] = statefulGates(facts(claimed(PROVEN.replace(part, by))));
    expect(reason?.details?.join("\n")).toMatch(message);
  });
});

describe("approvals", () => {
  const who = (more: Partial<ApproverFacts>) =>
    approvalsByRole(facts({ approvers: approvers(more) })).map(({ by }) => by);
  test("one person stands for every role that nobody is named for", () => {
    expect(who({})).toEqual(["lee", "lee", "lee"]);
  });
  test.each<[string, Partial<ApproverFacts>]>([
    ["for another head", { given: [approval("lee", { head: "old" })] }],
    ["for another plan", { given: [approval("lee", { digest: "pd1:0000" })] }],
    ["before the plan was there", { given: [approval("lee", { at: new Date("2026-07-03T08:59:00Z") })] }],
    ["by whoever pushed", { given: [approval("dana")] }],
    ["by whoever pushed, written otherwise", { given: [approval("Dana")], permitted: new Set(["Dana"]) }],
    ["by somebody who may not", { given: [approval("mallory")] }],
    ["and taken back", { objections: [{ by: "lee", at: new Date("2026-07-03T09:45:00Z") }] }],
    ["and then doubted by another", { objections: [{ by: "sam", at: new Date("2026-07-03T09:45:00Z") }] }],
  ])("given %s does not count, and the reason says so", (_what, more) => {
    expect(who(more)).toEqual([null, null, null]);
    const [reason] = statefulGates(facts({ approvers: approvers(more) }));
    expect(reason).toMatchObject({
      gate: "approvals-missing",
      details: expect.arrayContaining([expect.stringMatching(/^does not count/)]),
    });
  });
  test("an objection from before, or of somebody who may not, voids nothing", () => {
    expect(who({ objections: [{ by: "sam", at: SINCE }] })).toEqual(["lee", "lee", "lee"]);
    expect(who({ objections: [{ by: "mallory", at: NOW }] })).toEqual(["lee", "lee", "lee"]);
  });
  test("a named role takes one of the named", () => {
    const members = {
      "data-owner": { kind: "named", names: ["sam"], logins: new Set(["sam"]), unread: [] },
    } as const;
    expect(who({ members })).toEqual(["lee", null, "lee"]);
    expect(
      who({ members, given: [approval("lee"), approval("Sam")], permitted: new Set(["lee", "Sam"]) }),
    ).toEqual(["lee", "Sam", "lee"]);
  });
  test("a team that the forge does not tell stops, and says so", () => {
    const members = {
      platform: { kind: "named", names: ["@acme/ops"], logins: new Set<string>(), unread: ["@acme/ops"] },
    } as const;
    const [reason] = statefulGates(facts({ approvers: approvers({ members }) }));
    expect(reason?.details?.join()).toMatch(/members of @acme\/ops could not be read/);
  });
  test("what is changed calls for its own people", () => {
    const rules = [{ ...dropped, class: "R3" as const, rule: "retention-lowered" }];
    const roles = approvalsByRole(facts({ pullClass: "R3", class: "R3", changes: rules })).map(
      ({ role }) => role,
    );
    expect(roles).toEqual(["service-owner", "data-owner", "security"]);
  });
});

describe("contract and expand", () => {
  const both = [
    { ...dropped, place: "V2.sql:1", phase: "contract" as const },
    { ...dropped, class: "R1" as const, place: "V1.sql:1", phase: "expand" as const },
  ];
  test("never come together", () => {
    expect(gates({ changes: both })).toEqual(["contract-with-expand"]);
    expect(gates({ changes: both, governance: governed({ contractApart: false }) })).toEqual([]);
    expect(gates({ changes: both.slice(0, 1) })).toEqual([]);
  });
  test("nor does one that is only claimed", () => {
    expect(gates({ changes: both.slice(1) })).toEqual(["contract-with-expand"]);
  });
});

describe("limits of the server's file", () => {
  const limits = {
    rtoMs: 20 * 60_000,
    rpoMs: 60_000,
    restoreTestMaxAgeMs: 10 * 86_400_000,
    backupMaxAgeMs: null,
  };
  const under = (recovery: Governance["recovery"]) => ({
    governance: governed(recovery ? { recovery } : {}),
  });
  test("a class's proof of backup must keep them, and the stricter age counts", () => {
    const [reason] = statefulGates(facts(under({ R4: limits })));
    expect(reason?.details).toEqual([
      "backup.restore_test.at: 2026-06-20 is 13 days ago, 10 are allowed",
      "backup.rto: 30 min are said, and this service allows 20 min for R4",
      "backup.rpo: 5 min are said, and this service allows 1 min for R4",
    ]);
    expect(gates(under({ R5: limits }))).toEqual([]);
    expect(gates(under({ R4: { ...limits, rtoMs: null, rpoMs: null, restoreTestMaxAgeMs: null } }))).toEqual(
      [],
    );
  });
  test.each(["half an hour", "30", "30min", "fast"])("free words are no duration: %s", (rto) => {
    const [reason] = statefulGates(facts(claimed(PROVEN.replace("rto: 30m", `rto: "${rto}"`))));
    expect(reason).toMatchObject({
      gate: "stateful-change-unreadable",
      details: [expect.stringMatching(/backup.rto: .*such as `rto: 30m`/)],
    });
  });
  test("windows of its calendar stop every repository, with whom to ask", () => {
    const calendar = [
      {
        ...{ from: new Date("2026-07-01"), until: new Date("2026-07-04"), reason: "quarter end: books" },
        ...{ owner: "finance", workspaces: ["acme/infra//**"] },
      },
    ];
    const own = underServer(DEFAULT_GOVERNANCE, { calendar });
    expect(freezeGate(facts({ governance: own }))).toMatchObject([
      { gate: "freeze", details: [expect.stringMatching(/quarter end: books \(ask finance\)/)] },
    ]);
    const other = { key: "acme/other//prod/db#default", dir: "prod/db", name: "default" };
    expect(freezeGate(facts({ governance: own, workspace: other }))).toEqual([]);
  });
});

describe("an application and its schema", () => {
  const rollout = {
    images: [{ path: "k8s/app.yaml", image: "app:2" }],
    migrations: ["db/V2.sql"],
    identities: [],
    unsized: [],
  };
  const unsure = {
    ...claimed(PROVEN.replace("new_app_reads_old_schema: true", "new_app_reads_old_schema: false")),
  };
  test("an image beside its migration waits, unless it works without it", () => {
    expect(gates({ rollout, ...unsure })).toEqual(["app-before-schema"]);
    expect(gates({ rollout })).toEqual([]);
    expect(gates({ rollout: { ...rollout, images: [] }, ...unsure })).toEqual([]);
    expect(gates({ rollout: { ...rollout, migrations: [] }, ...unsure })).toEqual([]);
    expect(gates({ rollout, ...unsure, governance: governed({ schemaFirst: false }) })).toEqual([]);
  });
  const requires = (version: string, ...schemas: [string, string][]) =>
    gates({
      ...claimed(`${PROVEN}  requires_schema_version: "${version}"\n`),
      schemas: schemas.map(([database, at]) => ({ database, version: at, source: "c.yaml" })),
    });
  test.each<[string, [string, string][], boolean]>([
    ["42", [["orders", "42"]], true],
    ["42", [["orders", "41"]], false],
    ["1.9", [["orders", "1.10"]], true],
    ["1.10", [["orders", "1.9"]], false],
    ["V20260703", [["orders", "20260801"]], true],
    ["abc", [["orders", "abd"]], false],
    ["42", [], false],
    [
      "42",
      [
        ["orders", "42"],
        ["other", "1"],
      ],
      true,
    ],
    [
      "42",
      [
        ["other", "42"],
        ["third", "41"],
      ],
      false,
    ],
  ])("a version that is required (%s) and what databases have (%j): %s", (version, schemas, fits) => {
    expect(requires(version, ...schemas)).toEqual(fits ? [] : ["app-before-schema"]);
  });
  test("no migration runs as somebody who may do everything", () => {
    const by = (user: string) => ({
      rollout: { ...rollout, images: [], identities: [{ path: "job.yaml", user }] },
    });
    expect(gates(by("migrator"))).toEqual([]);
    expect(gates(by("Postgres"))).toEqual(["migration-privileged"]);
    expect(gates({ ...by("postgres"), governance: governed({ privilegedIdentities: [] }) })).toEqual([]);
    expect(gates(claimed(`${PROVEN}  migration: { identity: root }\n`))).toEqual(["migration-privileged"]);
  });
  test("what is missing and stops nothing is said", () => {
    const changes = [{ ...dropped, place: "db/V2.sql:1" }];
    const told = (text: string, more: Partial<StatefulFacts> = {}) =>
      rolloutWarnings(
        facts({ changes, rollout: { ...rollout, unsized: ["orders"] }, ...claimed(text), ...more }),
      );
    expect(told(PROVEN)).toMatchObject(
      [/estimated_runtime/, /`orders`/].map((one) => expect.stringMatching(one)),
    );
    expect(told(`${PROVEN}  migration: { estimated_runtime: 8m }\n`)).toHaveLength(1);
    // The plan of the database itself has told.
    const read = { place: "db:5432/shop", version: 15, readAt: new Date(0), countedSince: null, tables: {} };
    const [known] = contextEntriesOf(read, { version: "1" });
    const tables = { "app.orders": { rows: 5, sizeGb: 1, criticality: null, classification: null } };
    const context = known ? [{ ...known, tables }] : [];
    expect(told(PROVEN, { context })).toEqual([expect.stringMatching(/estimated_runtime/)]);
  });
});

describe("windows", () => {
  const office = { days: ["fri"], from: "09:00", to: "16:00", timezone: "Europe/Berlin" } as const;
  test.each([
    ["2026-07-03T07:00:00Z", true],
    ["2026-07-03T06:59:00Z", false],
    ["2026-07-03T14:00:00Z", false],
    ["2026-07-02T10:00:00Z", false],
  ])("%s in the office hours of Berlin: %s", (at, expected) => {
    expect(isWithin(office, new Date(at))).toBe(expected);
  });
  test("past midnight a window belongs to the day on which it began", () => {
    const night = { days: ["fri"], from: "22:00", to: "04:00", timezone: "UTC" } as const;
    const within = [
      "2026-07-03T23:00:00Z",
      "2026-07-04T03:59:00Z",
      "2026-07-03T03:00:00Z",
      "2026-07-04T23:00:00Z",
    ];
    expect(within.map((at) => isWithin(night, new Date(at)))).toEqual([true, true, false, false]);
  });
  test("outside of all of them the apply waits", () => {
    const { R4 } = DEFAULT_GOVERNANCE.classes;
    const governance = governed({
      classes: { ...DEFAULT_GOVERNANCE.classes, R4: { ...R4, windows: [office] } },
    });
    expect(gates({ governance })).toEqual([]);
    expect(gates({ governance, now: new Date("2026-07-04T10:00:00Z") })).toEqual(["outside-window"]);
  });
});

describe("a freeze", () => {
  const frozen = (more: Partial<StatefulFacts>) => freezeGate(facts(more)).map(({ gate }) => gate);
  const switched = (target: string) => ({
    switches: [{ target, by: "lee", reason: "incident", since: NOW }],
  });
  const period = (workspaces: string[]) => ({
    governance: governed({
      freeze: [{ from: SINCE, until: new Date("2026-07-04T00:00:00Z"), reason: "x", workspaces }],
    }),
  });
  test("of the switch, for all or for one", () => {
    expect(frozen(switched("*"))).toEqual(["freeze"]);
    expect(frozen(switched("acme/infra//prod/db#default"))).toEqual(["freeze"]);
    expect(frozen(switched("acme/infra//stage/db#default"))).toEqual([]);
  });
  test("of the calendar, for folders", () => {
    expect(frozen(period([]))).toEqual(["freeze"]);
    expect(frozen(period(["prod/**"]))).toEqual(["freeze"]);
    expect(frozen(period(["prod/db#default"]))).toEqual(["freeze"]);
    expect(frozen(period(["prod", "stage/*"]))).toEqual([]);
    expect(frozen({ ...period([]), now: new Date("2026-07-05T00:00:00Z") })).toEqual([]);
  });
  test("that cannot be read counts, unless somebody said otherwise", () => {
    expect(frozen({ switches: null })).toEqual(["freeze"]);
    expect(frozen({ switches: null, freezeOverride: { by: "lee", at: NOW } })).toEqual([]);
  });
  test("is set aside by who knew of it; one that began after their word holds", () => {
    const said = (at: Date) => ({ freezeOverride: { by: "lee", at } });
    const later = new Date(NOW.getTime() + 1000);
    expect(frozen({ ...switched("*"), ...said(later) })).toEqual([]);
    expect(frozen({ ...switched("*"), ...said(SINCE) })).toEqual(["freeze"]);
    expect(frozen({ ...period([]), ...said(later) })).toEqual([]);
    expect(frozen({ ...period([]), ...said(new Date(SINCE.getTime() - 1)) })).toEqual(["freeze"]);
  });
});

test("CODEOWNERS: the last line that matches counts", () => {
  const text =
    "# all\n* @acme/platform\n/prod/ @lee @acme/dba # the database\n*.md someone@example.com\n/docs/* @sam\n/prod/free/\n[Section]\n!x @y\n";
  const owners = (...files: string[]) => codeOwners(text, files);
  expect(owners("main.tf")).toEqual(["@acme/platform"]);
  expect(owners("prod/db/main.tf")).toEqual(["lee", "@acme/dba"]);
  expect(owners("prod/README.md")).toEqual([]);
  expect(owners("docs/a.txt")).toEqual(["sam"]);
  expect(owners("docs/deep/a.txt")).toEqual(["@acme/platform"]);
  expect(owners("prod/free/x.tf", "main.tf")).toEqual(["@acme/platform"]);
});
