import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Redactor } from "../ports/redactor.ts";
import { type ProcessResult, runProcess } from "./engine-process.ts";
import { type ConfinedCall, type ConfinedProgram, confinedTool } from "./migration-confined.ts";
import { onPath } from "./tool-path.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** A migration tool of the team's, found on this machine. */
export interface MigrationProgram extends ConfinedProgram {
  readonly name: "flyway" | "liquibase";
  readonly redactor: Redactor;
}

/** `configured` is a path or a name on the PATH; null: the tool's own name. @throws `engine-missing` */
export const findMigrationProgram = async (
  name: MigrationProgram["name"],
  {
    configured,
    env,
    redactor,
    sandbox,
  }: { readonly configured: string | null; readonly env: Variables } & Pick<
    MigrationProgram,
    "redactor" | "sandbox"
  >,
): Promise<MigrationProgram> => {
  const wanted = configured ?? name;
  const path = wanted.includes("/") ? resolve(wanted) : await onPath(wanted, env);
  if (path !== null) return { name, path, env: javaEnvironment(env), redactor, sandbox };
  throw new PlumblineError("engine-missing", `There is no ${wanted} on the PATH.`, {
    hint: `Install ${name}, or set PLUMBLINE_${name.toUpperCase()} to the path of its program.`,
  });
};

// A proxy's address may hold a password, and what runs here is a pull request's: nothing but what Java needs.
const VARIABLES = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "JAVA_HOME", "JAVA_ARGS", "JAVA_OPTS"];

const javaEnvironment = (env: Variables): Record<string, string> =>
  Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

export interface ProgramCall extends ConfinedCall {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

/** Runs the tool to its end, in the sandbox where there is one; a failing one is a result. @throws `engine-missing` */
export const runProgram = (program: MigrationProgram, call: ProgramCall): Promise<ProcessResult> => {
  const { cwd, timeoutMs, signal, onLine, args } = call;
  return runProcess({
    ...{ cwd, timeoutMs, signal, onLine },
    ...confinedTool(program, call),
    redactor: program.redactor,
    label: `${program.name} ${args.at(-1) ?? ""}`.trim(),
    graceMs: 10_000,
    rawStdout: true,
  });
};

/** A folder of our own that is gone afterwards. */
export const inEmptyFolder = async <Result>(work: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-tool-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const PLAN_LIMIT_MS = 5 * 60_000;
/** A run ends by the server's time limits; this is for a tool that hangs by itself. */
export const RUN_LIMIT_MS = 12 * 60 * 60_000;
