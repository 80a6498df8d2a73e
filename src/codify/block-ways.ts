import type { Edit } from "../hcl/edit.ts";
import type { Block } from "../hcl/syntax.ts";
import type { AddedBlock } from "./block-match.ts";
import { blockHome, type Dynamic, type SourceElement } from "./block-source.ts";
import { deleteBlock, insertBlock, insertBlockBefore } from "./block-surgery.ts";
import { blockLines } from "./block-text.ts";
import { addedToDynamic, emptyDynamic, switchedOn } from "./dynamic-block.ts";
import { evaluate } from "./evaluate.ts";
import type { Way } from "./facts.ts";
import { inputBlockWay, lessInputWay } from "./input-block.ts";
import { instanceBlockWay, lessWay } from "./instance-block.ts";
import { deleteJsonBlock, insertJsonBlock } from "./json-block.ts";
import { DELETE } from "./put.ts";
import { putBack, refuseForeign } from "./put-back.ts";
import { isJsonFile } from "./put-json.ts";
import { refuse } from "./refusal.ts";
import type { NestedSchema } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { switchEdits } from "./switch.ts";
import { isList, isObject, type Value } from "./value.ts";

/** How a nested block leaves the code. */
export const leavingWays = (
  site: AttributeSite,
  name: string,
  { dynamic, placed }: SourceElement,
): readonly Way[] => {
  const { scope } = site;
  const checked = (edits: () => readonly Edit[]) => () => {
    refuseForeign(scope.module, placed.file.path);
    return edits();
  };
  if (dynamic) {
    const { collection, key, scope: around } = dynamic;
    return [
      { name: "source", edits: checked(() => switchEdits(collection, withoutKey(dynamic), around)) },
      { name: "source", edits: checked(() => putBack(collection, [key], DELETE, around)) },
    ];
  }
  const home = blockHome(site.placed, name);
  const source: Way = {
    name: "source",
    edits: checked(() =>
      isJsonFile(placed.file)
        ? deleteJsonBlock(placed.file, home.block, name, placed.block)
        : [deleteBlock(placed)],
    ),
  };
  return [
    source,
    ...(scope.instance ? [lessWay(site, name, placed)] : []),
    ...(scope.module.caller ? [lessInputWay(site, name, placed)] : []),
  ];
};

const withoutKey = ({ collection, key, scope }: Dynamic) => {
  const value = evaluate(collection, scope);
  const left: Value = isList(value)
    ? value.filter((_, index) => index !== Number(key))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== String(key)))
      : value;
  return left as never;
};

/** How a nested block comes into the code. */
export const comingWays = (
  site: AttributeSite,
  name: string,
  nested: NestedSchema,
  sources: readonly SourceElement[],
  one: AddedBlock,
): readonly Way[] => {
  const { scope } = site;
  const isWritten = sources.some(({ dynamic }) => !dynamic);
  const dynamic =
    sources.find((source) => source.dynamic)?.dynamic ??
    (isWritten ? null : emptyDynamic(site.placed, name, scope));
  const into: readonly (() => readonly Edit[])[] =
    dynamic && !isWritten
      ? [() => switchedOn(dynamic), () => addedToDynamic(dynamic, name, nested.block, one.value)]
      : [];
  const ways = [...into, () => writtenOut(site, name, nested, sources, one)].map(
    (edits): Way => ({
      name: "source",
      edits: () => {
        refuseForeign(scope.module, site.placed.file.path);
        return edits();
      },
    }),
  );
  return [
    ...ways,
    ...(scope.instance ? [instanceBlockWay(site, name, nested, one.value)] : []),
    ...(scope.module.caller ? [inputBlockWay(site, name, nested, one.value)] : []),
  ];
};

const writtenOut = (
  site: AttributeSite,
  name: string,
  nested: NestedSchema,
  sources: readonly SourceElement[],
  { value, before, after }: AddedBlock,
): readonly Edit[] => {
  const home = blockHome(site.placed, name);
  const blocks = blocksOf(sources);
  // In a list the order is the code's; in a set the last place is as good as any.
  const previous = nested.nesting_mode === "set" ? blocks.at(-1) : before && blockOf(before);
  if (isJsonFile(home.file)) {
    if (sources.some(({ dynamic }) => dynamic)) refuse("a dynamic block in JSON makes the others");
    return insertJsonBlock(home.file, home.block, { name, before: previous ?? null, nested, value });
  }
  const sibling = sources.find(({ dynamic }) => !dynamic) ?? sources[0];
  const lines = blockLines(value, nested.block, sibling?.placed.block);
  const next = previous ? null : after && blockOf(after);
  if (next) return [insertBlockBefore(home, next, name, lines)];
  const until = previous ? blocks.slice(0, blocks.indexOf(previous) + 1) : [];
  return [insertBlock(home, until, name, lines)];
};

const blockOf = ({ dynamic, placed }: SourceElement): Block => dynamic?.block ?? placed.block;
const blocksOf = (sources: readonly SourceElement[]): readonly Block[] => [...new Set(sources.map(blockOf))];
