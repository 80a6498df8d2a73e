import { waysOutOfHalfWay } from "../model/half-way.ts";
import type { FollowUp } from "../model/job.ts";
import { HALF_WAY } from "../model/migration.ts";
import { permits } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { code } from "../report/escape.ts";
import { type Asked, type CommandHandler, reply } from "./asked.ts";
import { brokenMigration } from "./migration-broken.ts";
import { noteRefusal } from "./privileged.ts";
import { queueState } from "./queue-state.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { selectRows } from "./select.ts";
import type { World } from "./world.ts";

/** `state push|abandon`: writes the state that the last apply of a frozen workspace could not save, or gives it up. */
export const stateCommand: CommandHandler = async (world, asked) => {
  const [what] = asked.command.args ?? [];
  if (what !== "push" && what !== "abandon")
    return refuse(
      world,
      asked,
      "Of the state commands only `state push` and `state abandon` are served here. To forget an object, use a `removed` block in a pull request: it is planned and reviewed.",
    );
  const frozen = (await selectRows(world, asked.pull, asked.command)).filter((row) => row.frozen?.artifact);
  if (frozen.length === 0)
    return refuse(world, asked, "No state of a workspace named here waits to be pushed.");
  if (what === "push") return queueAll(world, asked, frozen, "state-push", []);
  const reason = asked.command.flags?.["reason"];
  if (typeof reason !== "string" || reason.trim() === "" || frozen.length > 1)
    return refuse(
      world,
      asked,
      "Say why, and which one: `plumbline state abandon -d DIR --reason TEXT`. It is recorded.",
    );
  return queueAll(world, asked, frozen, "state-abandon", [world.redactor.redact(reason.trim())]);
};

/** `force-unlock ID -d DIR`: removes a stale lock of the engine; the id must be the one that the engine showed. */
export const forceUnlockCommand: CommandHandler = async (world, asked) => {
  const [id] = asked.command.args ?? [];
  const rows = await selectRows(world, asked.pull, asked.command);
  const [row] = rows;
  if (!id || !row || rows.length > 1)
    return refuse(world, asked, "Name the lock and one workspace: `plumbline force-unlock ID -d DIR`.");
  return queueAll(world, asked, [row], "force-unlock", [id]);
};

/** `migrate resume|repair|compensate`: what is to become of a migration that failed half-way. */
export const migrateCommand: CommandHandler = async (world, asked) => {
  const intent = WAYS[asked.command.args?.[0] ?? ""];
  if (intent === undefined) return refuse(world, asked, sayWhich(world));
  const rows = await selectRows(world, asked.pull, asked.command);
  const stopped = rows.filter((row) => row.frozen?.why === HALF_WAY);
  if (stopped.length === 0)
    return refuse(world, asked, "No migration of a workspace named here waits for a decision.");
  const { dir, workspace, project } = asked.command;
  const isNamed = (dir ?? workspace ?? project) !== undefined;
  const meant = isNamed ? stopped : await brokenBy(world, asked.pull, stopped);
  if (meant.length !== 1) return refuse(world, asked, nameOne(stopped));
  return queueAll(world, asked, meant, intent, [], approvedCommit);
};

const sayWhich = ({ server }: World): string =>
  `Say what is to become of it: ${waysOutOfHalfWay(server.triggerWords[0] ?? "plumbline")
    .map(({ command, does }) => `${code(command)} (${does})`)
    .join(", ")}.`;

/** What was applied before its merge is not on the deploy branch: what was approved is what may run. */
const approvedCommit = async (world: World, { key }: WorkspaceRow): Promise<string | null> => {
  const { apply } = (await brokenMigration(world, key)) ?? {};
  if (!apply?.pull) return null;
  const { intent, commit } = readRunInput(apply);
  return intent === "comment" && (await world.forge.pull(apply.pull)).state === "open" ? commit : null;
};

/** Those that a run of this pull request left half-way: a comment elsewhere must not touch their database. */
const brokenBy = async (
  world: World,
  pull: Asked["pull"],
  stopped: readonly WorkspaceRow[],
): Promise<readonly WorkspaceRow[]> => {
  const own: WorkspaceRow[] = [];
  for (const row of stopped) {
    const { rows = [], apply = null } = (await brokenMigration(world, row.key)) ?? {};
    const run = apply ?? (rows[0] ? await world.ledger.runs.get(rows[0].run) : null);
    if (run?.pull?.repo === pull.repo && run.pull.number === pull.number) own.push(row);
  }
  return own;
};

const nameOne = (stopped: readonly WorkspaceRow[]): string =>
  `Name one with \`-d DIR\` (and \`-w NAME\`): ${stopped.map(({ key }) => code(key)).join(", ")} ${stopped.length === 1 ? "waits" : "wait"} for a decision.`;

const WAYS: Readonly<Record<string, RunInput["intent"]>> = {
  resume: "migrate-resume",
  repair: "migrate-repair",
  compensate: "migrate-compensate",
};

const refuse = async (world: World, asked: Asked, why: string): Promise<readonly FollowUp[]> => {
  await noteRefusal(world, asked, why);
  return [reply(asked, why)];
};

const queueAll = async (
  world: World,
  asked: Asked,
  rows: readonly WorkspaceRow[],
  intent: RunInput["intent"],
  targets: readonly string[],
  commitOf: (world: World, row: WorkspaceRow) => Promise<string | null> = async () => null,
): Promise<readonly FollowUp[]> => {
  const { repo } = asked.pull;
  if (!permits(await world.forge.permission(repo, asked.by), "maintain"))
    return refuse(world, asked, "This changes the recorded state itself: it takes `maintain` permission.");
  await world.git.fetch(repo);
  const queued: FollowUp[] = [];
  for (const row of rows) {
    const base = await world.git.resolve(repo, row.refs.desired.branch);
    if (base === null) continue;
    const commit = (await commitOf(world, row)) ?? base;
    const { pull, by } = asked;
    queued.push(await queueState(world, row, { pull, by, base, commit, intent, targets }));
  }
  return [reply(asked, `Doing that for ${rows.map((row) => `\`${row.key}\``).join(", ")}.`), ...queued];
};
