import { acceptedValues } from "../../src/drift/accepted.ts";
import { type FoundFinding, findDrift } from "../../src/drift/find.ts";
import type { AcceptedState } from "../../src/model/finding.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Plan, PlannedAction, ResourceChange } from "../../src/model/plan.ts";

export const KEY = new Uint8Array(32).fill(7);
export const WORKSPACE = "acme/infra//envs/prod#default";
export const NOW = new Date("2026-01-02T03:04:05Z");

type Entry = Partial<ResourceChange> & {
  readonly action: PlannedAction;
  readonly before: Json;
  readonly after: Json;
};

export const entry = (address: string, given: Entry): ResourceChange => ({
  address,
  previousAddress: null,
  deposed: null,
  mode: "managed",
  type: address.replaceAll(/module\.\w+(\[[^\]]*\])?\./g, "").split(".")[0] ?? "",
  name: "x",
  index: null,
  module: null,
  provider: "registry.terraform.io/hashicorp/aws",
  actions: [given.action],
  actionReason: null,
  importing: null,
  afterUnknown: {},
  beforeSensitive: {},
  afterSensitive: {},
  replacePaths: [],
  ...given,
});

/** Root-module resources with the expressions that the code gives them. */
export const configured = (resources: Readonly<Record<string, JsonObject>>): JsonObject => ({
  root_module: {
    resources: Object.entries(resources).map(([address, expressions]) => ({ address, expressions })),
  },
});

export const planOf = (given: Partial<Plan>): Plan => ({
  formatVersion: "1.2",
  engineVersion: "1.11.4",
  errored: false,
  applyable: null,
  complete: null,
  changes: [],
  drift: [],
  outputs: [],
  variables: {},
  sensitiveVariables: [],
  configuration: null,
  priorState: null,
  ...given,
});

/** A resource of which recorded, actual and desired are given, as one normal plan tells it. */
export const threeWay = (
  address: string,
  { recorded, actual, desired }: { recorded: Json; actual: Json; desired: Json },
): Pick<Plan, "changes" | "drift"> => {
  const same = (left: Json, right: Json) => JSON.stringify(left) === JSON.stringify(right);
  const action = same(actual, desired)
    ? "no-op"
    : actual === null
      ? "create"
      : desired === null
        ? "delete"
        : "update";
  return {
    changes: [entry(address, { action, before: actual, after: desired })],
    drift: same(recorded, actual)
      ? []
      : [entry(address, { action: actual === null ? "delete" : "update", before: recorded, after: actual })],
  };
};

export const acceptedFrom = (plan: Plan, inputTreeHash = "tree-1"): AcceptedState => ({
  workspace: WORKSPACE,
  commit: "c0ffee",
  lockFileHash: "lock-1",
  inputTreeHash,
  lineage: "l",
  serial: 3,
  values: acceptedValues(plan, KEY, WORKSPACE),
  acceptedAt: NOW,
});

export const look = (
  plan: Plan,
  given: {
    accepted?: AcceptedState | null;
    inputTreeHash?: string;
    ignore?: Parameters<typeof findDrift>[0]["ignore"];
  } = {},
): ReturnType<typeof findDrift> =>
  findDrift({
    plan,
    accepted: given.accepted ?? null,
    key: KEY,
    workspace: WORKSPACE,
    inputTreeHash: given.inputTreeHash ?? "tree-1",
    lockFileHash: "lock-1",
    ignore: given.ignore ?? [],
    now: NOW,
  });

/** `address path cause` of each finding. */
export const told = (findings: readonly FoundFinding[]): readonly string[] =>
  findings.map(({ address, path, cause }) => `${address} ${path === "" ? "(whole)" : path} ${cause}`);
