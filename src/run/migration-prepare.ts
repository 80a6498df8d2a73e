import type { DatabaseConfig } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationCall, MigrationEngine } from "../ports/migrations.ts";
import { commitHere } from "./commit-here.ts";
import type { Scratch } from "./frame.ts";
import { keptReplays } from "./kept-replays.ts";
import { type CheckedOut, refuseTraps } from "./prepare.ts";
import type { RunInput } from "./run-input.ts";
import type { DatabaseWorld, World } from "./world.ts";

/** A checked-out folder of migrations and who runs it. */
export interface PreparedMigrations extends CheckedOut {
  readonly runner: MigrationEngine;
  readonly call: MigrationCall;
  readonly databases: DatabaseWorld;
}

/** Checks out the commit at the workspace's stable path and picks the tool; nothing is connected to yet. */
export const prepareMigrations = async (
  world: World,
  scratch: Scratch,
  input: RunInput,
): Promise<PreparedMigrations> => {
  const { repo, key } = scratch.workspace;
  const { database, databases } = databaseOf(world, scratch, input);
  await scratch.step("checkout", async () => {
    await commitHere(world, repo, scratch.run, input.commit);
    await refuseTraps(world, repo, input);
  });
  const runner = await databases.engines.pick(database.tool);
  const tree = await world.git.checkout(repo, input.commit, key);
  return {
    tree,
    runner,
    databases,
    engine: { version: { distribution: database.tool, version: world.version } },
    call: callAt(world, scratch, input, tree.root),
  };
};

/** A tool that outlived its service reads the folder that a checkout would replace. @throws `workspace-busy` */
export const refuseWorking = async (world: World, scratch: Scratch, input: RunInput): Promise<void> => {
  const { database, databases } = databaseOf(world, scratch, input);
  const runner = await databases.engines.pick(database.tool);
  const call = callAt(world, scratch, input, world.git.pathOf(scratch.workspace.key));
  const why = (await runner.working?.(call)) ?? null;
  if (why !== null) throw new PlumblineError("workspace-busy", why, { detail: { holder: scratch.run.id } });
};

const databaseOf = (
  { databases }: World,
  { workspace: { key } }: Scratch,
  { config: { database } }: RunInput,
): { readonly database: DatabaseConfig; readonly databases: DatabaseWorld } => {
  if (!database)
    throw new PlumblineError("config-invalid", `The workspace ${key} has no database.`, NO_DATABASE);
  if (!databases) throw new PlumblineError("config-invalid", "This server knows no databases.", NO_RULES);
  return { database, databases };
};

const callAt = (world: World, scratch: Scratch, input: RunInput, root: string): MigrationCall => {
  const { key } = scratch.workspace;
  const { database, databases } = databaseOf(world, scratch, input);
  const { dir } = input.config;
  return {
    workspace: key,
    dir: dir === "." ? root : `${root}/${dir}`,
    shown: dir,
    database,
    url: (identity) => databases.urls.resolve(key, database, identity),
    signal: scratch.signal,
    onLine: (line) => scratch.log.line(line),
    replays: keptReplays(world, key),
  };
};

const NO_DATABASE = {
  hint: "Add `database:` with url.read_only and url.migration to the workspace in plumbline.yaml (docs/sql.md).",
};
const NO_RULES = {
  hint: "The operator names what holds connections by `databases` in the server's file (docs/sql.md).",
};
