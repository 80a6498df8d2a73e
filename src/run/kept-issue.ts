import type { World } from "./world.ts";

/** An issue that Plumbline keeps up to date, found by the marker in its body. */
export interface KeptIssue {
  readonly marker: string;
  /** Where its body is remembered, so that an unchanged one costs no call. */
  readonly key: string;
  /** Said when it closes. */
  readonly ending: string;
}

/** Opens, rewrites or closes (`null`) a repository's issue; calls the forge only where something changed. */
export const keepIssue = async (
  world: World,
  repo: string,
  { marker, key, ending }: KeptIssue,
  issue: { readonly title: string; readonly body: string } | null,
): Promise<void> => {
  const known = (await world.ledger.meta.get(key)) ?? null;
  if (known === (issue?.body ?? null)) return;
  if (issue === null) await world.forge.closeIssue(repo, marker, ending);
  else await world.forge.upsertIssue(repo, marker, issue);
  await world.ledger.meta.set(key, issue?.body ?? null);
};
