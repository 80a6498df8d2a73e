import type { Alert, FollowUp } from "../model/job.ts";
import { isInDoubt } from "../model/run.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import type { Replica } from "../ports/ledger-shared.ts";
import { alertMark } from "./alerts.ts";
import { DIED, settleDead } from "./recover.ts";
import type { World } from "./world.ts";

type Needs = Pick<World, "ledger" | "clock" | "log" | "instance" | "nudge">;

const BEAT_MS = 15_000;
const SILENT_MS = 120_000;
const FORGOTTEN_MS = 7 * 24 * 3_600_000;

/** Says every few seconds that this replica lives, until it stops; one that leaves nothing in doubt is then forgotten. */
export const startBeating = (
  world: Needs & Pick<World, "version">,
  roles: readonly string[],
  keyIds: readonly string[] = [],
): { stop(): Promise<void> } => {
  const { ledger, clock, log, instance: id, version } = world;
  const stopping = new AbortController();
  const beat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await ledger.replicas
        .beat({ id, roles, version, keyIds }, clock.now())
        .catch((error: unknown) => log.warn("the replica could not say that it lives", { error }));
      await clock.wait(BEAT_MS, stopping.signal);
    }
  };
  const beating = beat();
  return {
    stop: async () => {
      stopping.abort();
      await beating;
      const left = await ledger.leases.heldBy(id).catch(() => [null]);
      if (left.length === 0) await ledger.replicas.forget(id).catch(() => undefined);
    },
  };
};

/**
 * Looks after replicas that fell silent: what they only looked at is made again by the living, people are told once of
 * each silence and of its end. What such a replica may have applied waits for it, or for who confirms its death.
 */
export const watchReplicas = async (world: Needs): Promise<void> => {
  const now = world.clock.now().getTime();
  for (const replica of await world.ledger.replicas.list()) {
    if (replica.id === world.instance) continue;
    const silentMs = now - replica.seenAt.getTime();
    if (silentMs < SILENT_MS) await tellReturn(world, replica);
    else await lookAfter(world, replica, silentMs);
  }
};

const lookAfter = async (world: Needs, replica: Replica, silentMs: number): Promise<void> => {
  const inDoubt = await takeOver(world, replica);
  if (inDoubt.length === 0 && silentMs > FORGOTTEN_MS) return world.ledger.replicas.forget(replica.id);
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    if (!(await ledger.replicas.told(replica.id, at))) return;
    await ledger.outbox.add([tell(silence(replica, inDoubt))], at);
    const { id, roles, seenAt } = replica;
    const runs = inDoubt.map(({ run }) => run);
    world.log.error("a replica has been silent for long", { replica: id, roles, seenAt, inDoubt: runs });
  });
  world.nudge();
};

/** Ends and queues again what it only looked at. Returns the leases of what it may have applied. */
const takeOver = async (world: Needs, { id }: Replica): Promise<readonly Lease[]> => {
  const inDoubt: Lease[] = [];
  for (const lease of await world.ledger.leases.heldBy(id)) {
    const at = world.clock.now();
    if (lease.expiresAt > at) continue;
    await world.ledger.transaction(async (ledger) => {
      const run = await ledger.runs.get(lease.run);
      if (run && isInDoubt(run.state)) inDoubt.push(lease);
      else if (run) await settleDead(ledger, lease, run, { at, message: DIED });
    });
  }
  return inDoubt;
};

const tellReturn = async ({ ledger, clock, log, nudge }: Needs, replica: Replica): Promise<void> => {
  if (replica.toldAt === null) return;
  const at = clock.now();
  await ledger.transaction(async (inside) => {
    if (!(await inside.replicas.told(replica.id, null))) return;
    const text = `The replica ${replica.id} is heard of again.`;
    await inside.outbox.add([tell(alertOf(replica, "ended", "A replica is back", text))], at);
  });
  log.info("a replica that was silent is back", { replica: replica.id });
  nudge();
};

const tell = (alert: Alert): FollowUp => ({ job: { kind: "alert", alert }, dedupeKey: alertMark(alert) });

const silence = (replica: Replica, inDoubt: readonly Lease[]): Alert => {
  const { id, roles, seenAt } = replica;
  const waiting = inDoubt.map(
    ({ run, workspace }) => `- ${workspace}: \`plumbline runs confirm-dead ${run} --reason TEXT\``,
  );
  const text = [
    `The replica ${id} (${roles.join(", ")}) was last heard of at ${seenAt.toISOString()}. Its plans are made again by the others.`,
    ...(waiting.length === 0
      ? []
      : [
          "It had begun to apply, and only it can say how that ended. If its machine is gone for good, and only then:",
          ...waiting,
        ]),
  ].join("\n");
  return alertOf(replica, "opened", "A replica has been silent for two minutes", text);
};

const alertOf = (
  { id, seenAt, toldAt }: Replica,
  event: Alert["event"],
  title: string,
  text: string,
): Alert => ({
  ...{ event, title, text, workspace: "", url: null },
  fingerprint: `replica:${id}`,
  // The end tells of the silence that was told.
  id: (event === "opened" ? seenAt : (toldAt ?? seenAt)).toISOString(),
});
