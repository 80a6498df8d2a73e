import { quoted } from "../migration/history.ts";
import { hotFixOf, isSchemaOnly, type PendingStage } from "../migration/hot-fix.ts";
import { possibleRenames } from "../migration/possible-rename.ts";
import {
  accepted,
  judged,
  type ProposalWords,
  type ProposedScript,
  proposeChange,
} from "../migration/propose.ts";
import type { SqlParser } from "../migration/script.ts";
import { writeSchemaChange } from "../migration/write-change.ts";
import { scriptsOf } from "../migration/write-script.ts";
import { worstClass } from "../model/change-class.ts";
import { PlumblineError } from "../model/errors.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { HotFix, MigrationProposal, ProposalWish, ProposedFile } from "../model/migration-proposal.ts";
import { ownersBeside, takeOwners } from "./pg-owners.ts";
import type { ProposedFolder, WrittenMigrations } from "./pg-propose-folder.ts";
import { copySchema, differences, proveFiles, type ScratchWords, snapshotOf } from "./pg-prove.ts";
import { copyRoles, type ReplayScript, replay } from "./pg-replay.ts";
import { withScratch } from "./pg-scratch.ts";
import type { Target } from "./pg-session.ts";
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
  folder: ProposedFolder,
  ask: ProposalAsk,
): Promise<MigrationProposal> =>
  withScratch(ask.rehearsal, (scratch) =>
    withScratch(ask.rehearsal, async (copy) => {
      const own = await takeOwners(target, folder.place);
      for (const each of [scratch, copy]) {
        await copyRoles(target, each, own.runner);
        await makeHome(each, folder);
      }
      const owners = await ownersBeside(own, scratch);
      const words = { place: folder.place, parse: ask.parse, owners };
      const live = await snapshotOf(target, words);
      const { base, stages, actual } = await replayAll(scratch, folder, live, words);
      const version = Math.min(target.version, scratch.version);
      const { hotFixes, guarded } = hotFixesIn(stages, actual, folder, { ...ask, version });
      // Each of them would fail on the live schema, and with it all that comes after.
      if (guarded.length < hotFixes.length) return blocked(ask, hotFixes.map(withoutText(guarded)));
      const pending = stages.map(({ migration }) => asGuarded(migration, guarded));
      const after = await liveAfter(copy, { actual, base }, pending, words);
      const goal = goalOf(ask, base, after.wanted);
      const change = accepted(proposeChange(goal.from, goal.to, { ...ask, name: folder.name, version }), {
        ...ask,
        version,
      });
      const written = await writeInto(folder, change.scripts);
      const unwritten = [
        ...refusedIn(written, goal.from, goal.to),
        ...change.unwritten,
        ...after.uncopied.filter(({ address }) => differs(address, goal.from, goal.to)),
      ];
      const blind = [...unwritten, ...after.uncopied];
      const destroys = written.refused === null ? change.destroys : [];
      const runs = [...guarded, ...written.scripts];
      return {
        ...{
          purpose: ask.purpose,
          files: [...guarded, ...written.files],
          runs: runs.map(({ path }) => path),
        },
        ...judged(runs, destroys, { ...ask, version }),
        destroys,
        ...{ unwritten, renames: possibleRenames(goal.from, goal.to), hotFixes },
        proof:
          runs.length === 0
            ? null
            : {
                elsewhere: await proveFiles(scratch, written.scripts, goal.elsewhere, blind, words),
                live: await proveFiles(copy, written.scripts, goal.live, blind, words),
              },
      };
    }),
  );

export const writeInto = async (
  folder: ProposedFolder,
  scripts: readonly ProposedScript[],
): Promise<WrittenMigrations> =>
  scripts.length === 0 ? { files: [], scripts: [], refused: null } : folder.write(scripts);

/** Where a folder takes no migration nothing of the change is written. */
export const refusedIn = (
  { refused }: WrittenMigrations,
  from: SchemaSnapshot,
  to: SchemaSnapshot,
): MigrationProposal["unwritten"] => {
  if (refused === null) return [];
  const addresses = new Set(differences(from, to).map(({ address }) => address));
  return [...addresses].map((address) => ({ address, path: "", why: refused }));
};

/** Pending files that were done by hand, and those of them that get a text which does nothing there. */
const hotFixesIn = (
  stages: readonly PendingStage[],
  actual: SchemaSnapshot,
  folder: Pick<ProposedFolder, "mayChange" | "byHand">,
  words: Pick<ProposalWords, "version" | "parse">,
): { readonly hotFixes: readonly HotFix[]; readonly guarded: readonly ProposedFile[] } => {
  const found = stages.flatMap((stage) => hotFixOf(stage, actual, words.parse) ?? []);
  const { byHand } = folder;
  if (byHand === null) return { hotFixes: found, guarded: guardedFiles(stages, found, folder, words) };
  const advised = (fix: HotFix): HotFix =>
    fix.state === "matches"
      ? { ...fix, advice: `Live has the schema that ${fix.script} makes. ${byHand}` }
      : fix;
  return { hotFixes: found.map(advised), guarded: [] };
};

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

export const makeHome = async (scratch: Target, { place }: Pick<ProposedFolder, "place">): Promise<void> => {
  if (place.schema !== "public") await scratch.run(`create schema if not exists ${quoted(place.schema)}`);
};

const replayAll = async (
  scratch: Target,
  order: ProposedFolder,
  live: SchemaSnapshot,
  words: ScratchWords,
) => {
  await replay(scratch, order.recorded, words.place.schema, words.parse);
  const snapshots = [await snapshotOf(scratch, words)];
  for (const migration of order.rest) {
    await replay(scratch, [migration], words.place.schema, words.parse);
    snapshots.push(await snapshotOf(scratch, words));
  }
  const stages = order.rest.flatMap((migration, index): readonly PendingStage[] => {
    const [before, after] = snapshots.slice(index, index + 2);
    return before && after ? [{ migration, before, after }] : [];
  });
  const base = snapshots.at(-1) ?? live;
  return { base, stages, actual: await inWordsOf(scratch, live, snapshots.toReversed()) };
};

const blocked = ({ purpose }: ProposalAsk, hotFixes: readonly HotFix[]): MigrationProposal => ({
  ...{ purpose, files: [], runs: [], class: worstClass([]), findings: [], destroys: [] },
  ...{ unwritten: [], renames: [], hotFixes, proof: null },
});

/** Pending files that were done by hand, in a text that does nothing there. */
const guardedFiles = (
  stages: readonly PendingStage[],
  hotFixes: readonly HotFix[],
  { mayChange }: Pick<ProposedFolder, "mayChange">,
  { version, parse }: Pick<ProposalWords, "version" | "parse">,
): readonly ProposedFile[] =>
  stages.flatMap(({ migration, before, after }) => {
    const done = hotFixes.some(({ script, state }) => script === migration.path && state === "matches");
    if (!done || !mayChange(migration) || !isSchemaOnly(migration, parse)) return [];
    const change = writeSchemaChange(before, after, { version });
    const scripts = scriptsOf(change, { guarded: true });
    const [script] = scripts;
    if (script === undefined || scripts.length > 1 || change.unwritten.length > 0) return [];
    const head = "-- Does nothing where this was done by hand already.";
    return [{ path: migration.path, text: `${head}\n${script.text}`, replaces: true }];
  });

/** What to do where a pending file would become several. */
const withoutText =
  (guarded: readonly ProposedFile[]) =>
  (fix: HotFix): HotFix =>
    !fix.advice.includes("the guarded text") || guarded.some(({ path }) => path === fix.script)
      ? fix
      : {
          ...fix,
          advice: `${fix.advice.slice(0, fix.advice.indexOf(". ") + 1)} Its statements cannot be guarded in one file: guard them by hand (IF NOT EXISTS), or mark it as applied here (Flyway: migrate -skipExecutingMigrations). Until then nothing else is proposed.`,
        };

const asGuarded = (migration: ReplayScript, guarded: readonly ProposedFile[]): ReplayScript => ({
  ...migration,
  text: guarded.find(({ path }) => path === migration.path)?.text ?? migration.text,
});

/** The live schema once pending files ran there. What no copy can be made of is taken as it is. */
const liveAfter = async (
  copy: Target,
  { actual, base }: { readonly actual: SchemaSnapshot; readonly base: SchemaSnapshot },
  pending: readonly ReplayScript[],
  words: ScratchWords,
) => {
  const { made, error } = await copySchema(copy, actual, words);
  const known = await inWordsOf(copy, made, [actual]);
  const lacking = new Set(differences(known, actual).map(({ address }) => address));
  if (error !== null)
    throw new PlumblineError("sql-failed", `The live schema cannot be copied to rehearse on: ${error}`, {
      hint: "Give --rehearsal-url, a server of the target's version with the same extensions, where a database may be made.",
    });
  await replay(copy, pending, words.place.schema, words.parse);
  const after = pending.length === 0 ? made : await snapshotOf(copy, words);
  const uncopied = [...lacking].map((address) => ({
    address,
    path: "",
    why: "no copy of it could be made to rehearse on",
  }));
  const wanted = lacking.size === 0 ? after : withOnly(after, actual, [...lacking]);
  return { wanted: await inWordsOf(copy, wanted, [base]), uncopied };
};

const differs = (address: string, a: SchemaSnapshot, b: SchemaSnapshot): boolean =>
  differences(only(a, address), only(b, address)).length > 0;

const only = (snapshot: SchemaSnapshot, address: string): SchemaSnapshot =>
  new Map([...snapshot].filter(([each]) => each === address));
