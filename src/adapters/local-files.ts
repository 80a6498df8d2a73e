import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMarked, type LeftByApply, leftByApply, unmarkApply } from "./apply-marker.ts";

/** The few files outside of Git that a run touches; everything below one data folder, private to this user. */
export interface LocalFilesOptions {
  readonly dataDir: string;
}

export const localFiles = ({ dataDir }: LocalFilesOptions) => ({
  async scratch(run: string): Promise<{ path: string; dispose(): Promise<void> }> {
    const parent = join(dataDir, "scratch");
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const path = await mkdtemp(join(parent, `${run}-`));
    return { path, dispose: () => rm(path, { recursive: true, force: true }) };
  },

  async read(path: string): Promise<Uint8Array | null> {
    try {
      return await readFile(path);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw failure;
    }
  },

  async write(path: string, content: Uint8Array): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.${process.pid}.new`;
    await writeFile(fresh, content, { mode: 0o600 });
    await rename(fresh, path);
  },

  async leftByApply(workspace: string, run: string, cwd: string): Promise<LeftByApply> {
    const planPrefix = join(dataDir, "scratch", `${run}-`);
    return leftByApply(join(dataDir, "engine-data", slug(workspace)), planPrefix, cwd);
  },

  async forgetApply(workspace: string): Promise<void> {
    await unmarkApply(join(dataDir, "engine-data", slug(workspace)));
  },

  /** What a dead process of this instance left in its private folders. */
  async clearScratch(): Promise<void> {
    await rm(join(dataDir, "scratch"), { recursive: true, force: true });
  },

  async dataDir(workspace: string): Promise<string> {
    const path = join(dataDir, "engine-data", slug(workspace));
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  },

  async forgetEngineData(workspace: string): Promise<void> {
    const path = join(dataDir, "engine-data", slug(workspace));
    if (!(await isMarked(path))) await rm(path, { recursive: true, force: true });
  },
});

/** A folder name that a person recognises and that no two workspaces share. */
const slug = (workspace: string): string => {
  const hash = createHash("sha256").update(workspace).digest("hex").slice(0, 12);
  return `${workspace.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 60)}-${hash}`;
};
