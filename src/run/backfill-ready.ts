import { freezeGate } from "../gate/freeze.ts";
import type { BackfillWait } from "../model/backfill.ts";
import { underServer } from "../model/governance.ts";
import { isJsonObject } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import { approvedBackfill } from "./backfill-file.ts";
import type { BackfillTarget } from "./backfill-target.ts";
import { freezeSwitches } from "./freeze-switch.ts";
import { protectedRules } from "./protected-rules.ts";
import type { World } from "./world.ts";

/** Why it may not work now; `wait` is null where nothing but another apply, or a person, changes that. */
export interface NotYet {
  readonly kind: BackfillWait["kind"] | "apply" | "version" | "removed" | "unverified";
  readonly text: string;
  readonly wait: number | null;
}

/** Whether nothing changes it but a person: it is stopped, and says so. */
export const stops = ({ kind }: NotYet): boolean => kind === "removed" || kind === "unverified";

export const isVerified = (run: Pick<Run, "state" | "result"> | null): boolean =>
  run?.state === "succeeded" && isJsonObject(run.result) && run.result["verified"] === true;

const FROZEN_MS = 60_000;

/** Null where it may: its workspace is there, applies are not frozen, its apply was verified, its version is applied. */
export const whyNotYet = async (
  world: World,
  row: BackfillRow,
  { databases, call }: BackfillTarget,
): Promise<NotYet | null> => {
  const known = await world.ledger.workspaces.get(row.workspace);
  if (!known || known.removedAt) return REMOVED;
  const frozen = await freezeOf(world, row, known);
  if (frozen !== null) return { kind: "frozen", text: frozen, wait: FROZEN_MS };
  if (row.state !== "waiting") return null;
  const run = await world.ledger.runs.get(row.run);
  // What was left of it a person looks at; their word to go on counts from then.
  if (run?.state === "succeeded" && !isVerified(run) && row.wish !== "resume") return UNVERIFIED;
  if (run?.state !== "succeeded")
    return { kind: "apply", text: "its apply has not ended verified", wait: null };
  const backfill = await approvedBackfill(world, row, databases.parse);
  if (await databases.backfills.isReady(call, backfill)) return null;
  return { kind: "version", text: `version ${backfill.after} is not applied`, wait: null };
};

const REMOVED: NotYet = { kind: "removed", text: "its workspace is not in the code any more", wait: null };
const UNVERIFIED: NotYet = {
  kind: "unverified",
  text: "its apply ended, but something was still left to do: look at that, then resume the backfill",
  wait: null,
};

/** What stops applies stops it too. */
const freezeOf = async (
  world: World,
  { workspace, commit }: BackfillRow,
  row: WorkspaceRow,
): Promise<string | null> => {
  if (row.frozen) return `applies are stopped here: ${row.frozen.why}`;
  const id = parseWorkspaceKey(workspace);
  if (!id) return "nobody knows its workspace";
  // A freeze that was declared since holds too.
  const tip = await world.git.resolve(id.repo, row.refs.desired.branch);
  const { governance } = await protectedRules(world, id.repo, tip ?? commit);
  const [reason] = freezeGate({
    governance: underServer(governance, world.server),
    workspace: { key: workspace, dir: id.dir, name: id.name },
    switches: await freezeSwitches(world),
    freezeOverride: null,
    now: world.clock.now(),
    trigger: world.server.triggerWords[0] ?? "plumbline",
  });
  return reason ? `applies are frozen ${reason.details?.[0] ?? ""}`.trim() : null;
};
