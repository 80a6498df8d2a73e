import { REPO, type Stage } from "./stage.ts";

/** One scene: what happens, and what people see then, line by line. */
export interface Scene {
  readonly title: string;
  readonly play: (stage: Stage) => Promise<readonly string[]>;
}

export const at = (number: number) => ({ repo: REPO, number });

/** Pushes files to a branch, which is made where it is new. */
export const change = async (
  stage: Stage,
  who: string,
  branch: string,
  files: Record<string, string>,
): Promise<void> => {
  await stage.forge.as(who).pushFiles(REPO, branch, files, branch);
};

/** Opens a pull request and waits until everything about it is told. */
export const openPull = async (stage: Stage, who: string, head: string, title: string): Promise<void> => {
  await stage.forge.as(who).openPull(REPO, { title, head });
  await stage.settled();
};

/** Every finding that is open, in one line. */
export const openDrift = async (stage: Stage): Promise<string> => {
  const { ledger } = stage.service.world;
  const rows = await ledger.workspaces.list({ repo: REPO, removed: false });
  const open = (await Promise.all(rows.map((row) => ledger.findings.open(row.key)))).flat();
  return `open drift: ${open.map((finding) => `${finding.address}.${finding.path} (${finding.cause})`).join(", ") || "none"}`;
};
