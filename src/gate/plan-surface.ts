import type { Block, SourceFile } from "../hcl/syntax.ts";
import { surfaceOfBlock } from "./surface-blocks.ts";
import type { CodeFolder, SurfaceItem } from "./surface-item.ts";
import { escapesIn, machinePlaces, readsIn } from "./surface-paths.ts";
import { providersOf } from "./surface-providers.ts";

export const surfaceOf = (folder: CodeFolder): readonly SurfaceItem[] => {
  const items: SurfaceItem[] = [...(folder.programs ?? [])];
  for (const file of folder.files) {
    if (file.problems.length > 0) items.push(unreadable(file));
    for (const block of blocksOf(file.body.blocks)) items.push(...surfaceOfBlock(block, file));
    items.push(...readsIn(file, folder), ...escapesIn(file, folder));
  }
  items.push(...providersOf(folder.files));
  if (items.some(({ key }) => key.startsWith("computed-read:")))
    for (const file of folder.files) items.push(...machinePlaces(file));
  return items;
};

/** Blocks at any depth, since `check` holds data sources and resources hold provisioners. */
function* blocksOf(blocks: readonly Block[]): Generator<Block> {
  for (const block of blocks) {
    yield block;
    yield* blocksOf(block.body.blocks);
  }
}

const unreadable = (file: SourceFile): SurfaceItem => ({
  check: "unreadable",
  key: `unreadable:${file.text}`,
  path: file.path,
  start: file.problems[0]?.start ?? null,
  what: "this file cannot be read, so that nobody knows what planning it does",
});
