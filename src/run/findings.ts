import { acceptedValues } from "../drift/accepted.ts";
import { type DriftFacts, findDrift } from "../drift/find.ts";
import { type Lifecycle, nextLifecycle } from "../drift/lifecycle.ts";
import type { AcceptedState, Finding } from "../model/finding.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Ledger, WorkspaceRow } from "../ports/ledger.ts";
import type { SavedPlan } from "./plan-step.ts";
import { readConfig } from "./run-input.ts";
import type { World } from "./world.ts";

type Place = Pick<Finding, "address" | "path">;

/** What one look found, and what that means for the findings that are open. */
export interface FoundDrift {
  readonly findings: readonly (Finding & { readonly fingerprint: string })[];
  readonly lifecycle: Lifecycle;
  readonly state: { readonly lineage: string; readonly serial: number } | null;
}

/** Compares the three states of a plan with what was accepted before; asks the ledger, changes nothing. */
export const findNow = async (
  world: World,
  workspace: WorkspaceRow,
  saved: SavedPlan,
  state: FoundDrift["state"] = null,
  {
    partial = false,
    formalized = [],
  }: { readonly partial?: boolean; readonly formalized?: readonly Place[] } = {},
): Promise<FoundDrift> => {
  const accepted = await world.ledger.workspaces.accepted(workspace.key);
  const open = await world.ledger.findings.open(workspace.key);
  const facts: DriftFacts = {
    plan: saved.plan,
    accepted,
    key: world.key,
    workspace: workspace.key,
    inputTreeHash: saved.inputTree,
    lockFileHash: saved.lockFileHash,
    catalogue: saved.rules.catalogue,
    ignore: readConfig(workspace.config).drift.ignore,
    now: world.clock.now(),
  };
  const { findings, ignored } = await explained(facts, saved);
  const told = findings.filter((finding) => finding.cause !== "noise");
  const lifecycle = nextLifecycle({
    open,
    seen: told,
    ignored,
    plan: saved.plan,
    partial,
    formalized,
    key: world.key,
    workspace: workspace.key,
  });
  const ended = new Set(lifecycle.ended.map(({ fingerprint }) => fingerprint));
  return { findings: told.filter(({ fingerprint }) => !ended.has(fingerprint)), lifecycle, state };
};

/**
 * What only a provider sets (an endpoint, a status) looks like somebody's change where the code is silent. Its schema
 * tells the two apart, and is large, so it is asked for only where a finding hangs on it.
 */
const explained = async (facts: DriftFacts, saved: SavedPlan): Promise<ReturnType<typeof findDrift>> => {
  const first = findDrift(facts);
  if (!first.findings.some(({ cause }) => cause === "unmanaged" || cause === "absorbed")) return first;
  const schema = await saved.schema();
  return schema === null ? first : findDrift({ ...facts, schema });
};

/** Stores a look in the transaction that settles its run. */
export const storeFindings = async (
  world: World,
  ledger: Ledger,
  workspace: WorkspaceRow,
  { findings, lifecycle }: FoundDrift,
): Promise<void> => {
  const now = world.clock.now();
  await ledger.findings.record(
    workspace.key,
    findings.map((finding) => withoutSecrets(world, finding)),
    now,
  );
  for (const { fingerprint, why } of lifecycle.ended)
    await ledger.findings.end(workspace.key, [fingerprint], why, now);
  await ledger.workspaces.driftChecked(workspace.key, now);
};

/**
 * A finding as it may be kept: what another process reads from the ledger it could not hide, since only the process
 * that made the plan has learned its secrets.
 */
export const withoutSecrets = <Kept extends Finding>(world: Pick<World, "redactor">, finding: Kept): Kept => {
  const { recorded, actual, desired } = finding;
  const hide = (value: Json): Json => hideIn(world, value);
  return { ...finding, recorded: hide(recorded), actual: hide(actual), desired: hide(desired) };
};

const hideIn = (world: Pick<World, "redactor">, value: Json): Json => {
  if (typeof value === "string") return world.redactor.redact(value);
  if (Array.isArray(value)) return value.map((item) => hideIn(world, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideIn(world, item)]));
};

/**
 * Remembers the live values as accepted. Where a finding is open the earlier value stays: an unrelated apply that
 * writes the console's change into the state must not make it look accepted.
 */
export const acceptLive = async (
  world: World,
  ledger: Ledger,
  workspace: WorkspaceRow,
  saved: SavedPlan,
  commit: string,
  drift: FoundDrift | null,
): Promise<void> => {
  const before = await ledger.workspaces.accepted(workspace.key);
  const fresh: AcceptedState = {
    workspace: workspace.key,
    commit,
    lockFileHash: saved.lockFileHash,
    inputTreeHash: saved.inputTree,
    lineage: drift?.state?.lineage ?? null,
    serial: drift?.state?.serial ?? null,
    values: acceptedValues(saved.plan, world.key, workspace.key),
    acceptedAt: world.clock.now(),
  };
  await ledger.workspaces.accept({
    ...fresh,
    values: keepEarlier(fresh, before, [...(drift?.findings ?? []), ...(drift?.lifecycle.kept ?? [])]),
  });
};

const keepEarlier = (
  fresh: AcceptedState,
  before: AcceptedState | null,
  open: readonly Finding[],
): AcceptedState["values"] => {
  const values: Record<string, Record<string, string>> = {};
  for (const [address, paths] of Object.entries(fresh.values)) values[address] = { ...paths };
  for (const { address, path } of open) {
    const earlier = before?.values[address]?.[path];
    const resource = values[address];
    if (earlier !== undefined) values[address] = { ...resource, [path]: earlier };
    else if (resource) delete resource[path];
  }
  return values;
};
