import { covers } from "../drift/ignore.ts";
import type { OpenFinding } from "../model/finding.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { DriftPullView } from "../report/drift-pull-view.ts";
import type { DriftCode } from "./drift-code.ts";
import { dangersOf } from "./drift-danger.ts";
import type { PendingIgnore } from "./pending-ignores.ts";
import { readConfig } from "./run-input.ts";
import type { World } from "./world.ts";

/** Everything that a drift pull request's title and text tell. `held`: the findings that its branch is about. */
export const driftPullView = (
  world: Pick<World, "catalogue" | "server">,
  workspace: WorkspaceRow,
  findings: readonly OpenFinding[],
  branch: {
    readonly held: readonly OpenFinding[];
    readonly code: DriftCode | null;
    readonly pending: readonly PendingIgnore[];
    /** Of a database: whether somebody asked for the migration that takes the drift back. */
    readonly revert: boolean;
    /** Who did it, by fingerprint. */
    readonly who: ReadonlyMap<string, string>;
  },
): DriftPullView => {
  const { held, code, pending } = branch;
  const ignored = findings.flatMap(({ address, path }) => {
    const by = pending.find(({ target }) => covers(target, { address, path }));
    return by ? [{ address, path, until: new Date(by.until) }] : [];
  });
  const isIgnored = ({ address, path }: OpenFinding): boolean =>
    ignored.some((one) => one.address === address && one.path === path);
  return {
    workspace: workspace.key,
    dir: workspace.dir,
    findings: findings.map((finding) => ({
      ...finding,
      ...dangersOf(world.catalogue, finding),
      ...whoOf(branch.who.get(finding.fingerprint)),
    })),
    since: findings
      .map((finding) => finding.openedAt)
      .toSorted((left, right) => left.getTime() - right.getTime())[0],
    trigger: world.server.triggerWords[0] ?? "plumbline",
    formalized: code?.formalized ?? [],
    refused: code?.refused ?? [],
    shared: code?.shared ?? [],
    ignored,
    ...databaseOf(workspace, code, branch.revert),
    unselected: findings.filter((finding) => !held.includes(finding) && !isIgnored(finding)),
  };
};

const databaseOf = (
  { config }: WorkspaceRow,
  code: DriftCode | null,
  revert: boolean,
): Pick<DriftPullView, "database"> => {
  const { database } = readConfig(config);
  if (!database) return {};
  const there = code?.migration && Object.keys(code.files).length > 0 ? code.migration : null;
  return {
    database: {
      purpose: there?.purpose ?? (revert ? "revert" : "formalize"),
      class: there?.class ?? null,
      destroys: there?.destroys ?? [],
      hazards: there?.hazards ?? [],
    },
  };
};

const whoOf = (who: string | undefined): { readonly who?: string } => (who === undefined ? {} : { who });
