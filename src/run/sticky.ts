import type { PullRef } from "../model/pull.ts";
import { parseMarker, renderMarker } from "../report/marker.ts";
import type { World } from "./world.ts";

/**
 * One comment per pull request and name, edited in place. Its id is remembered; where that was lost, the comment is
 * found by its signed marker among our own, so that a restart never posts a second one.
 */
export const upsertComment = async (
  world: World,
  pull: PullRef,
  name: string,
  body: string,
): Promise<void> => {
  const text = `${body}\n${renderMarker({ kind: name, subject: subjectOf(pull) }, world.key)}`;
  const known = (await rowOf(world, pull))?.commentIds[name] ?? (await search(world, pull, name));
  if (known !== undefined && (await update(world, pull, known, text)))
    return remember(world, pull, name, known);
  const { id } = await world.forge.comment(pull, text);
  await remember(world, pull, name, id);
};

/** Removes a comment that is no longer needed, such as the third part of a report that fits in two now. */
export const dropComment = async (world: World, pull: PullRef, name: string): Promise<void> => {
  const id = (await rowOf(world, pull))?.commentIds[name];
  if (id === undefined) return;
  await world.forge.deleteComment(pull, id);
  const row = await rowOf(world, pull);
  if (!row) return;
  const { [name]: _dropped, ...commentIds } = row.commentIds;
  await world.ledger.pulls.put({ ...row, commentIds });
};

const subjectOf = (pull: PullRef): string => `${pull.repo}#${pull.number}`;
const rowOf = (world: World, pull: PullRef) => world.ledger.pulls.get(pull);

const search = async (world: World, pull: PullRef, name: string): Promise<number | undefined> => {
  const me = await world.forge.identity();
  const mine = (await world.forge.comments(pull)).filter((comment) => comment.user === me);
  return mine.find((comment) => {
    const marker = parseMarker(comment.body, world.key);
    return marker?.kind === name && marker.subject === subjectOf(pull);
  })?.id;
};

/** False where somebody deleted the comment meanwhile. */
const update = async (world: World, pull: PullRef, id: number, text: string): Promise<boolean> => {
  try {
    await world.forge.updateComment(pull, id, text);
    return true;
  } catch (failure) {
    if ((failure as { code?: string }).code === "forge-not-found") return false;
    throw failure;
  }
};

const remember = async (world: World, pull: PullRef, name: string, id: number): Promise<void> => {
  await world.ledger.transaction(async (ledger) => {
    const row = await ledger.pulls.get(pull);
    if (row && row.commentIds[name] !== id)
      await ledger.pulls.put({ ...row, commentIds: { ...row.commentIds, [name]: id } });
  });
};
