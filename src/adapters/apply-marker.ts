import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** What lies in a workspace's data folder while its engine applies, and until its run has said its end. */
export interface ApplyMarker {
  /** The plan file, an argument of the engine: a process is told by it, since the system gives a pid out again. */
  readonly plan: string;
  /** Folder in which the engine leaves a state that it could not save. */
  readonly cwd: string;
  /** Age of such a file that lay there before, from a commit or an earlier run; it is not this apply's. */
  readonly erroredBefore: string | null;
}

/** What an apply left whose end was not seen. */
export interface LeftByApply {
  readonly running: boolean;
  readonly erroredState: string | null;
  /** What the engine wrote, unredacted; null where it was never started, or nothing is known. */
  readonly output: string | null;
  /** False where the mark cannot be read. */
  readonly isKnown: boolean;
}

/** Where an engine writes while it applies. */
export const spoolOf = (dataDir: string): string => join(dataDir, "apply-output.log");
const fileOf = (dataDir: string): string => join(dataDir, "apply.json");

/** Written before the engine is started, whole or not at all: whatever dies in between, the engine is found. */
export const markApply = async (
  dataDir: string,
  { plan, cwd }: Omit<ApplyMarker, "erroredBefore">,
): Promise<ApplyMarker> => {
  const marker: ApplyMarker = { plan, cwd, erroredBefore: await ageOf(erroredIn(cwd)) };
  await rm(spoolOf(dataDir), { force: true });
  const fresh = `${fileOf(dataDir)}.new`;
  await synced(fresh, "w", (file) => file.writeFile(JSON.stringify(marker)));
  await rename(fresh, fileOf(dataDir));
  await synced(dirname(fresh), "r");
  return marker;
};

type Opened = Awaited<ReturnType<typeof open>>;

const synced = async (
  path: string,
  flags: "r" | "w",
  work: (file: Opened) => Promise<void> = async () => {},
): Promise<void> => {
  const file = await open(path, flags, 0o600);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
};

export const unmarkApply = async (dataDir: string): Promise<void> => {
  await rm(spoolOf(dataDir), { force: true });
  await rm(`${fileOf(dataDir)}.new`, { force: true });
  await rm(fileOf(dataDir), { force: true });
};

/** Whether an apply goes on here, or left its mark. */
export const isMarked = async (dataDir: string): Promise<boolean> => (await ageOf(fileOf(dataDir))) !== null;

/**
 * Of an apply whose plan lay in a folder that begins with `planPrefix`; an earlier one's traces do not count. Where the
 * mark cannot be read, its engine is told by that folder, and a state in `cwd` counts, whosever it may be.
 */
export const leftByApply = async (dataDir: string, planPrefix: string, cwd: string): Promise<LeftByApply> => {
  const marker = await readMarker(dataDir);
  if (marker === "unreadable")
    return {
      running: await runsWith((argument) => argument.startsWith(planPrefix)),
      erroredState: (await ageOf(erroredIn(cwd))) === null ? null : erroredIn(cwd),
      output: null,
      isKnown: false,
    };
  if (!marker?.plan.startsWith(planPrefix))
    return { running: false, erroredState: null, output: null, isKnown: true };
  // In this order: what an engine writes as it ends is there once it has ended.
  const running = await runsWith((argument) => argument === marker.plan);
  const erroredState = await erroredSince(marker);
  const output = await readFile(spoolOf(dataDir), "utf8").catch(() => null);
  return { running, erroredState, output, isKnown: true };
};

const readMarker = async (dataDir: string): Promise<ApplyMarker | "unreadable" | null> => {
  const text = await readFile(fileOf(dataDir), "utf8").catch((failure: NodeJS.ErrnoException) =>
    failure.code === "ENOENT" ? null : "",
  );
  if (text === null) return null;
  try {
    const { plan, cwd, erroredBefore = null } = (JSON.parse(text) ?? {}) as Partial<ApplyMarker>;
    const isWhole = typeof plan === "string" && typeof cwd === "string";
    return isWhole ? { plan, cwd, erroredBefore } : "unreadable";
  } catch {
    return "unreadable";
  }
};

/** Path of the state that the marked apply could not save; null where there is none. */
export const erroredSince = async ({
  cwd,
  erroredBefore,
}: Omit<ApplyMarker, "plan">): Promise<string | null> => {
  const age = await ageOf(erroredIn(cwd));
  return age === null || age === erroredBefore ? null : erroredIn(cwd);
};

const erroredIn = (cwd: string): string => join(cwd, "errored.tfstate");

const ageOf = (file: string): Promise<string | null> =>
  stat(file, { bigint: true }).then(
    ({ mtimeNs }) => `${mtimeNs}`,
    () => null,
  );

/** Whether a process of this machine has such an argument. */
export const runsWith = async (is: (argument: string) => boolean): Promise<boolean> => {
  const entries = await readdir("/proc").catch(() => null);
  if (entries === null) {
    const { stdout } = await execa("ps", ["-A", "-o", "args="]);
    return stdout.split(/\s+/).some(is);
  }
  const lines = entries
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(lines)).some((line) => line.split("\0").some(is));
};
