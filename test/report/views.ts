import type { Finding } from "../../src/model/finding.ts";
import type { DiffRow, Inspection, PlannedAction, PlanSummary } from "../../src/model/plan.ts";
import type { PullView, WorkspaceView } from "../../src/report/pull-view.ts";

type Resource = PlanSummary["resources"][number];

export const row = (
  path: string,
  before: string | null,
  after: string | null,
  more: Partial<DiffRow> = {},
): DiffRow => ({
  path,
  before,
  after,
  sensitive: false,
  unknown: false,
  forcesReplace: false,
  ...more,
});

export const resource = (address: string, action: PlannedAction, more: Partial<Resource> = {}): Resource => ({
  address,
  type: address.split(".")[0] ?? "",
  provider: "registry.terraform.io/hashicorp/aws",
  actions: [action],
  action,
  class: action === "no-op" ? "R0" : "R1",
  stateful: false,
  destructive: action === "delete" || action === "replace",
  reasons: [],
  diff: [],
  ...more,
});

export const grave = (
  address: string,
  action: PlannedAction = "delete",
  more: Partial<Resource> = {},
): Resource =>
  resource(address, action, {
    class: "R4",
    stateful: true,
    destructive: true,
    reasons: [{ rule: "destroys", message: `${address} is an RDS instance: its data is gone.` }],
    ...more,
  });

export const summaryOf = (
  resources: readonly Resource[],
  outputs: PlanSummary["outputs"] = [],
): PlanSummary => {
  const count = (action: PlannedAction) => resources.filter((one) => one.action === action).length;
  const classes = resources.map((one) => one.class).sort();
  const inspection: Inspection = {
    formatVersion: "1.2",
    errored: false,
    counts: {
      create: count("create"),
      update: count("update"),
      delete: count("delete"),
      replace: count("replace"),
      forget: count("forget"),
      read: count("read"),
      noop: count("no-op"),
      move: count("move"),
      import: count("import"),
      drift: 0,
    },
    class: classes.at(-1) ?? "R0",
    changes: resources,
    drift: [],
    revertsDrift: [],
  };
  return { inspection, resources, outputs };
};

export const workspace = (title: string, more: Partial<WorkspaceView> = {}): WorkspaceView => ({
  title,
  selector: `-d ${title}`,
  state: "planned",
  apply: "on_merge",
  summary: null,
  digest: "pd1:0123456789abcdef0123456789abcdef",
  destroy: false,
  provisionalOn: [],
  lock: null,
  driftOnTheWay: [],
  overriddenDrift: [],
  error: null,
  denied: null,
  applied: null,
  log: null,
  logUrl: null,
  ...more,
});

export const view = (workspaces: readonly WorkspaceView[], more: Partial<PullView> = {}): PullView => ({
  pull: { repo: "acme/infra", number: 12 },
  headSha: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
  state: "open",
  mode: "enforce",
  deployBranch: true,
  notes: [],
  warnings: [],
  workspaces,
  trigger: "plumbline",
  url: "https://plumbline.example/pulls/acme/infra/12",
  ...more,
});

export const finding = (address: string, path: string, more: Partial<Finding> = {}): Finding => ({
  address,
  path,
  cause: "console",
  recorded: "db.t3.small",
  actual: "db.t3.large",
  desired: "db.t3.small",
  sensitive: false,
  ...more,
});
