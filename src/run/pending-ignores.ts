import { addDriftIgnore } from "../config/drift-ignore.ts";
import { covers } from "../drift/ignore.ts";
import type { Finding } from "../model/finding.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { World } from "./world.ts";

/** An exception that somebody asked for and that the drift branch proposes; it counts once it is merged. */
export interface PendingIgnore {
  readonly target: string;
  /** ISO time. */
  readonly until: string;
  readonly reason: string;
}

const metaKey = (workspace: string): string => `drift-ignores:${workspace}`;

export const pendingIgnores = async (
  world: Pick<World, "ledger">,
  workspace: string,
): Promise<readonly PendingIgnore[]> => {
  const stored = await world.ledger.meta.get(metaKey(workspace));
  return Array.isArray(stored) ? (stored as unknown as readonly PendingIgnore[]) : [];
};

/** The last word on a target counts. */
export const addPendingIgnore = async (
  world: Pick<World, "ledger">,
  workspace: string,
  entry: PendingIgnore,
): Promise<void> => {
  const others = (await pendingIgnores(world, workspace)).filter(({ target }) => target !== entry.target);
  await world.ledger.meta.set(
    metaKey(workspace),
    [...others, entry].map((one) => ({ ...one })),
  );
};

export const clearPendingIgnores = (world: Pick<World, "ledger">, workspace: string): Promise<void> =>
  world.ledger.meta.set(metaKey(workspace), null);

/** What the branch has to formalize: findings that nobody asked to ignore. */
export const withoutPending = <Found extends Pick<Finding, "address" | "path">>(
  findings: readonly Found[],
  pending: readonly PendingIgnore[],
): readonly Found[] => findings.filter((finding) => !pending.some(({ target }) => covers(target, finding)));

/** plumbline.yaml of a commit with the exceptions in it; no file where there are none. */
export const ignoreFile = async (
  world: Pick<World, "git">,
  workspace: WorkspaceRow,
  commit: string,
  pending: readonly PendingIgnore[],
): Promise<Readonly<Record<string, string>>> => {
  if (pending.length === 0) return {};
  const bytes = await world.git.readFile(workspace.repo, commit, "plumbline.yaml");
  const text = pending.reduce<string | null>(
    (yaml, { target, until, reason }) =>
      addDriftIgnore(yaml, workspace, { target, reason, until: new Date(until) }),
    bytes === null ? null : new TextDecoder().decode(bytes),
  );
  return { "plumbline.yaml": text ?? "" };
};
