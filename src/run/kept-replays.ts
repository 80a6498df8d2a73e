import { randomUUID } from "node:crypto";
import type { Json } from "../model/json.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";
import type { KeptReplays } from "../ports/migrations.ts";
import type { World } from "./world.ts";

type Needs = Pick<World, "artifacts" | "ledger" | "log" | "version">;

/** Below this stand replays of all workspaces; a day later nobody asks for one any more. */
export const REPLAYS = "replays/";

/** The newest replay of a workspace, as a sealed artifact that the ledger names; of another version of ours none. */
export const keptReplays = (world: Needs, workspace: string): KeptReplays => ({
  recall: (key) =>
    quietly(world, workspace, async () => {
      const known = readFact(await world.ledger.meta.get(metaKey(workspace)));
      return known?.key === versioned(world, key) ? world.artifacts.get(known.ref) : null;
    }),
  keep: async (key, content) => {
    await quietly(world, workspace, async () => {
      const before = readFact(await world.ledger.meta.get(metaKey(workspace)));
      const { artifacts, ledger } = world;
      const ref = await artifacts.put(`${REPLAYS}${randomUUID()}`, content);
      await ledger.meta.set(metaKey(workspace), { key: versioned(world, key), ref: { ...ref } });
      if (before) await artifacts.delete(before.ref.key);
      return null;
    });
  },
});

const metaKey = (workspace: string): string => `replay:${workspace}`;

const versioned = ({ version }: Needs, key: string): string => `${version} ${key}`;

// Without it the look replays, which takes seconds and is right.
const quietly = async <Result>(
  { log }: Needs,
  workspace: string,
  work: () => Promise<Result | null>,
): Promise<Result | null> => {
  try {
    return await work();
  } catch (error) {
    log.warn("what a workspace's migrations make could not be kept or read back", { workspace, error });
    return null;
  }
};

interface Fact {
  readonly key: string;
  readonly ref: ArtifactRef;
}

const readFact = (stored: Json | undefined): Fact | null => {
  const { key, ref } = (stored ?? {}) as { readonly key?: unknown; readonly ref?: Partial<ArtifactRef> };
  if (typeof key !== "string" || typeof ref?.key !== "string" || !ref.key.startsWith(REPLAYS)) return null;
  const { sha256, bytes } = ref;
  if (typeof sha256 !== "string" || typeof bytes !== "number") return null;
  return { key, ref: { key: ref.key, sha256, bytes } };
};
