import { heldText } from "../migration/lock-text.ts";
import { PlumblineError } from "../model/errors.ts";
import { waysOutText } from "../model/half-way.ts";
import {
  HALF_WAY,
  type MigratedScript,
  type MigrationFailure,
  type MigrationLook,
} from "../model/migration.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { Applied } from "./applied.ts";
import { writeStart } from "./apply-once.ts";
import type { Before } from "./apply-outcome.ts";
import { draftEvidence } from "./evidence-draft.ts";
import type { Scratch } from "./frame.ts";
import { elsewhere, reviewedRehearsal } from "./migration-past.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { SavedMigrations } from "./migration-step.ts";
import {
  keepMeasured,
  lastStep,
  markScripts,
  rehearsedLock,
  rehearsedTime,
  stepKeeper,
} from "./migration-steps.ts";
import { patiently } from "./patiently.ts";
import type { World } from "./world.ts";

/**
 * Runs what was reviewed at most once: the start is written under the fencing token before anything is sent, and each
 * boundary before it is crossed.
 */
export const migrateOnce = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  saved: SavedMigrations,
  before: Before,
  start: { engine: boolean },
): Promise<Applied> => {
  const draft = await draftEvidence(world, scratch, prepared, saved, before);
  await writeStart(world, scratch, saved, draft);
  const rehearsal = await reviewedRehearsal(world, scratch.run);
  const result = await scratch.step("migrate", () =>
    prepared.runner.migrate(prepared.call, {
      expected: saved.migration.migrations.map(({ script, checksum }) => ({ script, checksum })),
      progress: stepKeeper(world, scratch, rehearsal, () => {
        start.engine = true;
      }),
    }),
  );
  await keepMeasured(world, scratch.run.id, result);
  await compareTimes(world, scratch, result.applied, rehearsal);
  const { failure } = result;
  const { load, ranBy } = result;
  const ended =
    failure === null
      ? done(result.applied)
      : await failedWith(patiently(world), scratch, prepared, { applied: result.applied, failure });
  return { ...ended, ...(load ? { load } : {}), ...(ranBy === undefined ? {} : { ranBy }) };
};

const done = (migrated: readonly MigratedScript[]): Applied => ({
  ...{ failed: false, log: "", diagnostics: "", frozen: null, skipped: false, killed: false },
  migrated,
});

/** Of a lost connection the server is asked; it is never guessed. Throws where it cannot be asked, or still works. */
const failedWith = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  { applied, failure }: { readonly applied: readonly MigratedScript[]; readonly failure: MigrationFailure },
): Promise<Applied> => {
  const { run } = scratch;
  const look = failure.state === "failed-clean" ? null : await lookNow(world, scratch, prepared);
  const state = look?.state === "unknown" ? "failed-partial" : (look?.state ?? failure.state);
  if (state === "applied") {
    scratch.log.line(`${failure.script}: the connection was lost, the history has it as done`);
    await markScripts(world, run.id, [failure.script], "applied");
  } else await markScripts(world, run.id, [failure.script], state, failure.message);
  if (state === "failed-partial" && look) await stopEverything(world, scratch, failure.script, look);
  const { code, message, hint } = new PlumblineError(
    "sql-failed",
    world.redactor.redact([`${failure.message}${look ? ` ${look.why}` : ""}`, ...lookLines(look)].join("\n")),
    { hint: state === "failed-partial" ? waysOut(world, scratch) : (failure.hint ?? CLEAN) },
  );
  return {
    ...done(applied),
    failed: true,
    diagnostics: message,
    error: { code, message, hint },
  };
};

const CLEAN = "Nothing of it is left. Mend the file in a new pull request.";

/** With the workspace's name, so that the comment may stand on any pull request. */
export const waysOut = (
  { server }: Pick<World, "server">,
  { workspace }: Pick<Scratch, "workspace">,
): string => waysOutText(server.triggerWords[0] ?? "plumbline", workspace);

/** The history against what the catalogue says of each statement; none where nothing was looked at. */
export const lookLines = (look: MigrationLook | null): readonly string[] =>
  look === null || look.statements.length === 0
    ? []
    : [
        `history: ${look.entry === null ? "no row" : look.entry.success ? "done" : "a failed row"}`,
        ...look.statements.map(
          ({ statement, line, done: was, why }) =>
            `statement ${statement}, line ${line}: ${was === null ? "not known" : was ? "done" : "not done"} (${why})`,
        ),
      ];

/** What became of the last step that a run wrote down. Throws `workspace-busy` while its session works. */
export const lookNow = async (
  world: Pick<World, "ledger">,
  { run, log }: Pick<Scratch, "run" | "log">,
  { runner, call }: PreparedMigrations,
): Promise<MigrationLook | null> => {
  const last = lastStep(await world.ledger.migrations.of(run.id));
  if (last === null) return null;
  const look = await runner.look(call, last);
  log.line(`== history against actual: ${last.script}`);
  log.line(`history: ${look.entry === null ? "no row" : look.entry.success ? "done" : "a failed row"}`);
  for (const { statement, line, done: was, text, why } of look.statements)
    log.line(
      `statement ${statement}, line ${line}: ${was === null ? "not known" : was ? "done" : "not done"} (${why}): ${text.replaceAll(/\s+/g, " ").slice(0, 120)}`,
    );
  log.line(`${look.state}: ${look.why}`);
  if (look.running)
    throw new PlumblineError("workspace-busy", `The session of ${last.script} still works.`, {
      detail: { holder: run.id },
    });
  return look;
};

/** Nothing is applied here until somebody has said what is to become of it. */
export const stopEverything = async (
  world: World,
  { run }: Pick<Scratch, "run">,
  script: string,
  look: MigrationLook,
): Promise<void> => {
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    await ledger.workspaces.freeze(run.workspace, HALF_WAY, at, null);
    await ledger.audit.append({
      at,
      actor: "plumbline",
      action: "migration-half-way",
      subject: run.workspace,
      details: {
        ...{ run: run.id, script },
        statements: look.statements.map(({ statement, done: was, why }) => ({ statement, done: was, why })),
      },
    });
  });
};

const compareTimes = async (
  world: World,
  { log, run }: Scratch,
  applied: readonly MigratedScript[],
  rehearsal: Rehearsal | null,
): Promise<void> => {
  for (const { script, checksum, milliseconds, retries, held = [] } of applied) {
    const rehearsed = rehearsedTime(rehearsal, script);
    const past = await elsewhere(world, run, { script, checksum });
    const beside = [
      ...(rehearsed === null ? [] : [`rehearsed ${rehearsed} ms`]),
      ...past.map((one) => `${one.workspace} ${one.milliseconds} ms`),
      ...(retries > 0 ? [`retries: ${retries}`] : []),
    ];
    log.line(`${script} took ${milliseconds} ms${beside.length > 0 ? ` (${beside.join(", ")})` : ""}`);
    for (const lock of held) log.line(`${script} ${heldText(lock, rehearsedLock(rehearsal, script, lock))}`);
  }
};
