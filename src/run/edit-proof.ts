import type { EditProof } from "../model/edit-proof.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PlanDigest } from "../model/plan.ts";
import type { PullRef } from "../model/pull.ts";
import { compareDigests } from "../plan/digest.ts";
import { sha256 } from "./sha256.ts";
import type { World } from "./world.ts";

const metaKey = ({ repo, number }: PullRef): string => `edit-proof:${repo}#${number}`;

/** Kept with the pull request and not with its drift, which may end or be seen anew before the merge. */
export const keepProof = (world: Pick<World, "ledger">, pull: PullRef, proof: EditProof): Promise<void> =>
  world.ledger.meta.set(metaKey(pull), proof as unknown as Json);

/** What was proven last for a pull request, of whatever head; null where nothing is kept. */
export const keptProof = async (world: Pick<World, "ledger">, pull: PullRef): Promise<EditProof | null> => {
  const kept = await world.ledger.meta.get(metaKey(pull));
  return isJsonObject(kept) ? (kept as unknown as EditProof) : null;
};

/** The proof of a commit with these files; `proof` is null where no plan proved them. */
export const editProof = (
  head: string,
  proof: PlanDigest | null,
  files: Readonly<Record<string, string>>,
  formalized: EditProof["formalized"],
): EditProof => ({
  head,
  digest: proof?.digest ?? null,
  parts: proof?.parts ?? {},
  files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256(text)])),
  formalized: formalized.map(({ address, path }) => ({ address, path })),
});

/** What a plan says otherwise than the proof, as `compareDigests` tells it. */
export const changedSinceProof = (
  { parts }: EditProof,
  { digest, parts: now }: PlanDigest,
): readonly string[] => compareDigests(withoutTree(parts), { digest, parts: withoutTree(now) }).paths;

// The proof was made before the commit was there; what counts is what the plan comes to.
const withoutTree = ({ inputs: _tree, ...parts }: Readonly<Record<string, string>>) => parts;

/** Proven files that a commit does not hold as they were proven. */
export const changedFilesSinceProof = async (
  world: Pick<World, "git">,
  repo: string,
  commit: string,
  { files }: EditProof,
): Promise<readonly string[]> => {
  const now = await world.git.readFiles(repo, commit, Object.keys(files));
  return Object.entries(files)
    .filter(([path, hash]) => {
      const bytes = now.get(path);
      return bytes === undefined || sha256(bytes) !== hash;
    })
    .map(([path]) => path);
};
