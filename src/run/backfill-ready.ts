import { freezeGate } from "../gate/freeze.ts";
import { isOpen, nextOpening } from "../gate/windows.ts";
import type { BackfillWait } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Governance, underServer } from "../model/governance.ts";
import { isJsonObject } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import { parseWorkspaceKey, type WorkspaceId } from "../model/workspace.ts";
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

/**
 * Null where it may: its workspace is there, applies are not frozen, its apply was verified, its version is applied, and a
 * window of its class is open.
 */
export const whyNotYet = async (
  world: World,
  row: BackfillRow,
  target: BackfillTarget,
): Promise<NotYet | null> => {
  const known = await world.ledger.workspaces.get(row.workspace);
  if (!known || known.removedAt) return REMOVED;
  if (known.frozen) return frozen(`applies are stopped here: ${known.frozen.why}`);
  const governance = await governanceNow(world, row, known);
  const freeze = await freezeOf(world, row, governance);
  if (freeze !== null) return frozen(freeze);
  return (
    (row.state === "waiting" ? await beforeItsTime(world, row, target) : null) ??
    (await outsideOf(world, row, governance, target))
  );
};

const frozen = (text: string): NotYet => ({ kind: "frozen", text, wait: FROZEN_MS });

/** What it has to come after. */
const beforeItsTime = async (
  world: World,
  row: BackfillRow,
  { databases, call }: BackfillTarget,
): Promise<NotYet | null> => {
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

/** Of the deploy branch as it is now: what was declared since holds too. */
const governanceNow = async (
  world: World,
  { workspace, commit }: BackfillRow,
  { refs }: WorkspaceRow,
): Promise<Governance> => {
  const { repo } = placeOf(workspace);
  const tip = await world.git.resolve(repo, refs.desired.branch);
  const { governance } = await protectedRules(world, repo, tip ?? commit);
  return underServer(governance, world.server);
};

/** What stops applies stops it too, unless somebody who may said that it goes on. */
const freezeOf = async (
  world: World,
  { workspace, freezeOverride }: BackfillRow,
  governance: Governance,
): Promise<string | null> => {
  const { dir, name } = placeOf(workspace);
  const switches = await freezeSwitches(world);
  const [reason] = freezeGate({
    ...{ governance, workspace: { key: workspace, dir, name }, switches, now: world.clock.now() },
    // Its word is older than what cannot be read.
    freezeOverride: switches === null ? null : freezeOverride,
    trigger: world.server.triggerWords[0] ?? "plumbline",
  });
  return reason ? `applies are frozen ${reason.details?.[0] ?? ""}`.trim() : null;
};

/** The windows in which changes of its class are applied hold it too, unless its own file was approved with another word. */
const outsideOf = async (
  world: World,
  row: BackfillRow,
  { classes }: Governance,
  { databases }: BackfillTarget,
): Promise<NotYet | null> => {
  const now = world.clock.now();
  const { windows } = classes[row.class];
  if (isOpen(windows, now) || row.freezeOverride !== null) return null;
  if ((await approvedBackfill(world, row, databases.parse)).outsideWindows) return null;
  const opens = nextOpening(windows, now);
  const until = opens === null ? "" : ` until ${opens.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const text = `the windows of class ${row.class} are closed${until}`;
  const left = opens === null ? FROZEN_MS : opens.getTime() - now.getTime();
  // Windows may be changed meanwhile.
  return { kind: "window", text, wait: Math.min(left, FROZEN_MS) };
};

const placeOf = (workspace: string): WorkspaceId => {
  const place = parseWorkspaceKey(workspace);
  if (place) return place;
  throw new PlumblineError("config-invalid", "Nobody knows the workspace of this backfill.");
};
