import { type OpenFinding, placeText } from "../model/finding.ts";
import type { FollowUp } from "../model/job.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { placesList } from "../report/drift-answers.ts";
import { code } from "../report/escape.ts";
import type { Asked, CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { driftNamed } from "./drift-targets.ts";
import { type RevertAnswer, revertByMigration } from "./revert-migration.ts";
import { readConfig, writeRunInput } from "./run-input.ts";
import { selectRows } from "./select.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * `revert [address]`: applies the code as it is on the deploy branch, through the same gates as any apply; of a database,
 * proposes the migration that takes the change back.
 */
export const revertCommand: CommandHandler = async (world, asked) => {
  const rows = await selectRows(world, asked.pull, asked.command);
  const wanted = asked.command.args ?? [];
  const found = await driftNamed(
    world,
    rows.map((row) => row.key),
    wanted,
  );
  if ("answer" in found) return [reply(asked, found.answer)];
  const { named, open } = found;
  if (named.length === 0)
    return [reply(asked, "No open drift matches. Comment `plumbline drift` to look again.")];
  // The engine puts a resource back as a whole, so what was not named on it would be undone unasked.
  const along = open.filter(
    (one) => !named.includes(one) && named.some((other) => isSameResource(one, other)),
  );
  if (along.length > 0) return [reply(asked, wouldGoAlong(asked, named, along))];
  const drifted = rows.filter((row) => named.some((finding) => finding.workspace === row.key));
  const of = ({ key }: WorkspaceRow) => named.filter((finding) => finding.workspace === key);
  const databases = drifted.filter(isDatabase);
  const answers: RevertAnswer[] = [];
  for (const row of databases) answers.push(await revertByMigration(world, asked, row, of(row)));
  const engines = drifted.filter((row) => !isDatabase(row));
  if (engines.length > 0) answers.push(await applyAgain(world, asked, engines, of));
  return [
    reply(asked, answers.map(({ text }) => text).join("\n\n")),
    ...(engines.length > 0 ? [publishSoon(asked.pull)] : []),
    ...answers.flatMap(({ jobs }) => jobs),
  ];
};

const isDatabase = ({ config }: WorkspaceRow): boolean => readConfig(config).database !== undefined;

const applyAgain = async (
  world: World,
  asked: Asked,
  rows: readonly WorkspaceRow[],
  of: (row: WorkspaceRow) => readonly OpenFinding[],
): Promise<RevertAnswer> => {
  const isWhole = (asked.command.args ?? []).length === 0;
  const jobs: FollowUp[] = [];
  for (const row of rows) {
    const targets = isWhole ? [] : [...new Set(of(row).map((finding) => finding.address))];
    jobs.push(...(await queueRevert(world, asked, row, targets)));
  }
  const where = rows.map((row) => code(row.key)).join(", ");
  const what = isWhole ? "." : `:\n\n${placesList(rows.flatMap(of))}`;
  return { text: `Reverting ${where} to the code on the deploy branch${what}`, jobs };
};

const isSameResource = (one: OpenFinding, other: OpenFinding): boolean =>
  one.workspace === other.workspace && one.address === other.address;

const wouldGoAlong = (
  { command }: Asked,
  named: readonly OpenFinding[],
  along: readonly OpenFinding[],
): string => {
  const addresses = [...new Set(along.map((finding) => finding.address))];
  const whole = addresses
    .map((address) => code(`plumbline ${command.command} ${quoted(address)}`))
    .join(", ");
  return `A resource is put back as a whole, and more of it has drifted than ${named.map(placeText).map(code).join(", ")}. Nothing was done. This would go along:\n\n${placesList(along)}\n\nTo revert all of it comment ${whole}; to keep the rest, \`plumbline formalize\` it first.`;
};

const quoted = (address: string): string => (/["\s]/.test(address) ? `'${address}'` : address);

const queueRevert = async (
  world: World,
  { pull, by }: Asked,
  row: WorkspaceRow,
  targets: readonly string[],
): Promise<readonly FollowUp[]> => {
  await world.git.fetch(row.repo);
  const commit = await world.git.resolve(row.repo, row.refs.desired.branch);
  if (commit === null) return [];
  const id = world.newId("run");
  const config = readConfig(row.config);
  await world.ledger.runs.create({
    id,
    workspace: row.key,
    kind: "apply",
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    base: commit,
    trigger: "revert",
    requestedBy: by,
    createdAt: world.clock.now(),
    input: writeRunInput({
      config,
      commit,
      destroy: false,
      flags: [],
      provisionalOn: [],
      intent: "revert",
      targets,
    }),
  });
  return [{ job: { kind: "apply", run: id, workspace: row.key } }];
};
