import { quoted } from "../migration/history.ts";
import { hotFixOf, isSchemaOnly, type PendingStage } from "../migration/hot-fix.ts";
import { possibleRenames } from "../migration/possible-rename.ts";
import { accepted, judged, type ProposalWords, proposeChange } from "../migration/propose.ts";
import { replayOrder } from "../migration/replay-order.ts";
import type { Migration, Resolved } from "../migration/resolve.ts";
import type { SqlParser } from "../migration/script.ts";
import { standingOf } from "../migration/standing.ts";
import { writeSchemaChange } from "../migration/write-change.ts";
import { scriptsOf } from "../migration/write-script.ts";
import { worstClass } from "../model/change-class.ts";
import { PlumblineError } from "../model/errors.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { HotFix, MigrationProposal, ProposalWish, ProposedFile } from "../model/migration-proposal.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { copySchema, differences, proveFiles, type ScratchWords } from "./pg-prove.ts";
import { copyRoles, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
import { takeSnapshot } from "./pg-snapshot.ts";
import { inWordsOf } from "./pg-words.ts";

export interface ProposalTools {
  readonly parse: SqlParser;
  /** A server where databases may be made; null: in memory. */
  readonly rehearsal: string | null;
}

export interface ProposalAsk extends ProposalWish, ProposalTools {}

/**
 * The files that put history and live schema at one again, proven on two databases of their own. `target` is only read.
 * @throws `sql-failed` where files of the folder cannot be replayed
 */
export const proposeMigration = (
  target: Target,
  folder: MigrationFolder,
  ask: ProposalAsk,
): Promise<MigrationProposal> =>
  withScratch(ask.rehearsal, (scratch) =>
    withScratch(ask.rehearsal, async (copy) => {
      const words = { place: folder.place, parse: ask.parse };
      for (const each of [scratch, copy]) {
        await copyRoles(target, each);
        await makeHome(each, folder);
      }
      const live = await takeSnapshot(target, folder.place);
      const { base, stages, actual } = await replayAll(scratch, target, folder, live, words);
      const hotFixes = stages.flatMap((stage) => hotFixOf(stage, actual, ask.parse) ?? []);
      const version = Math.min(target.version, scratch.version);
      const guarded = guardedFiles(stages, hotFixes, { ...ask, version });
      // Each of them would fail on the live schema, and with it all that comes after.
      if (guarded.length < hotFixes.length) return blocked(ask, hotFixes);
      const pending = stages.map(({ migration }) => asGuarded(migration, guarded));
      const after = await liveAfter(copy, actual, pending, words);
      const goal = goalOf(ask, base, after.wanted);
      const change = accepted(
        proposeChange(goal.from, goal.to, { ...ask, resolved: folder.resolved, version }),
        { ...ask, version },
      );
      const files = [...guarded, ...change.files];
      const unwritten = [
        ...change.unwritten,
        ...after.uncopied.filter(({ address }) => differs(address, goal.from, goal.to)),
      ];
      const blind = [...unwritten, ...after.uncopied];
      return {
        ...change,
        purpose: ask.purpose,
        files,
        ...judged(files, { ...ask, version }),
        unwritten,
        renames: [],
        hotFixes,
        proof:
          files.length === 0
            ? null
            : {
                elsewhere: await proveFiles(scratch, change.files, goal.elsewhere, blind, words),
                live: await proveFiles(copy, change.files, goal.live, blind, words),
              },
      };
    }),
  );

/** What the files lead from and to, and what there is after them where the history was followed, and live. */
const goalOf = (
  { purpose, only }: Pick<ProposalAsk, "purpose" | "only">,
  base: SchemaSnapshot,
  after: SchemaSnapshot,
) => {
  if (purpose === "formalize") {
    const to = withOnly(base, after, only);
    return { from: base, to, elsewhere: to, live: after };
  }
  const to = withOnly(after, base, only);
  return { from: after, to, elsewhere: base, live: to };
};

/** One schema with some objects as another has them; all of them where none is named. */
const withOnly = (one: SchemaSnapshot, other: SchemaSnapshot, only: readonly string[]): SchemaSnapshot => {
  if (only.length === 0) return other;
  const mixed = new Map(one);
  for (const address of only) {
    const object = other.get(address);
    if (object === undefined) mixed.delete(address);
    else mixed.set(address, object);
  }
  return mixed;
};

const makeHome = async (scratch: Target, { place }: Pick<MigrationFolder, "place">): Promise<void> => {
  if (place.schema !== "public") await scratch.run(`create schema if not exists ${quoted(place.schema)}`);
};

const replayAll = async (
  scratch: Target,
  target: Target,
  { resolved, history, standing, place }: MigrationFolder,
  live: SchemaSnapshot,
  { parse }: ScratchWords,
) => {
  const order = replayOrder(resolved, history ?? [], standing);
  await replay(scratch, order.recorded, place.schema, parse);
  const snapshots = [await takeSnapshot(scratch, place)];
  for (const migration of order.rest) {
    await replay(scratch, [migration], place.schema, parse);
    snapshots.push(await takeSnapshot(scratch, place));
  }
  const stages = order.rest.flatMap((migration, index): readonly PendingStage[] => {
    const [before, after] = snapshots.slice(index, index + 2);
    return before && after ? [{ migration, before, after }] : [];
  });
  const base = snapshots.at(-1) ?? live;
  return { base, stages, actual: await inWordsOf(scratch, target.version, live, snapshots) };
};

const blocked = ({ purpose }: ProposalAsk, hotFixes: readonly HotFix[]): MigrationProposal => ({
  ...{ purpose, files: [], class: worstClass([]), findings: [], destroys: [] },
  ...{ unwritten: [], renames: [], hotFixes, proof: null },
});

/** Pending files that were done by hand, in a text that does nothing there. */
const guardedFiles = (
  stages: readonly PendingStage[],
  hotFixes: readonly HotFix[],
  { version, parse }: Pick<ProposalWords, "version" | "parse">,
): readonly ProposedFile[] =>
  stages.flatMap(({ migration, before, after }) => {
    const done = hotFixes.some(({ script, state }) => script === migration.path && state === "matches");
    if (!done || migration.name.version === null || !isSchemaOnly(migration, parse)) return [];
    const change = writeSchemaChange(before, after, { version });
    const scripts = scriptsOf(change, { guarded: true });
    const [script] = scripts;
    if (script === undefined || scripts.length > 1 || change.unwritten.length > 0) return [];
    const head = "-- Does nothing where this was done by hand already.";
    return [{ path: migration.path, text: `${head}\n${script.text}`, replaces: true }];
  });

const asGuarded = (migration: Migration, guarded: readonly ProposedFile[]): Migration => ({
  ...migration,
  text: guarded.find(({ path }) => path === migration.path)?.text ?? migration.text,
});

/** The live schema once pending files ran there. What no copy can be made of is taken as it is. */
const liveAfter = async (
  copy: Target,
  actual: SchemaSnapshot,
  pending: readonly Migration[],
  words: ScratchWords,
) => {
  const { made, error } = await copySchema(copy, actual, words);
  const lacking = new Set(differences(made, actual).map(({ address }) => address));
  if (error !== null)
    throw new PlumblineError("sql-failed", `The live schema cannot be copied to rehearse on: ${error}`, {
      hint: "Give --rehearsal-url, a server of the target's version with the same extensions, where a database may be made.",
    });
  await replay(copy, pending, words.place.schema, words.parse);
  const after = pending.length === 0 ? made : await takeSnapshot(copy, words.place);
  const uncopied = [...lacking].map((address) => ({
    address,
    path: "",
    why: "no copy of it could be made to rehearse on",
  }));
  return { wanted: lacking.size === 0 ? after : withOnly(after, actual, [...lacking]), uncopied };
};

const differs = (address: string, a: SchemaSnapshot, b: SchemaSnapshot): boolean =>
  differences(only(a, address), only(b, address)).length > 0;

const only = (snapshot: SchemaSnapshot, address: string): SchemaSnapshot =>
  new Map([...snapshot].filter(([each]) => each === address));

/**
 * The files from the folder's end to a desired schema, both replayed in empty databases.
 * @throws `sql-failed` where the folder or the desired schema cannot be replayed
 */
export const proposeDesired = (
  resolved: Resolved,
  desired: Pick<Migration, "path" | "text">,
  ask: ProposalTools & { readonly now: Date; readonly place: MigrationFolder["place"] },
): Promise<MigrationProposal> =>
  withScratch(ask.rehearsal, (scratch) =>
    withScratch(ask.rehearsal, async (other) => {
      const words = { place: ask.place, parse: ask.parse };
      for (const each of [scratch, other]) await makeHome(each, ask);
      const { pending } = standingOf(resolved, [], { outOfOrder: true });
      await replay(scratch, pending, ask.place.schema, ask.parse);
      await replay(other, [desired], ask.place.schema, ask.parse);
      const [from, to] = [await takeSnapshot(scratch, ask.place), await takeSnapshot(other, ask.place)];
      const version = scratch.version;
      const change = proposeChange(from, to, { ...ask, purpose: "declare", resolved, version });
      return {
        ...change,
        purpose: "declare",
        renames: possibleRenames(from, to),
        hotFixes: [],
        proof:
          change.files.length === 0
            ? null
            : {
                elsewhere: await proveFiles(scratch, change.files, to, change.unwritten, words),
                live: null,
              },
      };
    }),
  );
