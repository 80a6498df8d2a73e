import type { Edit } from "../hcl/edit.ts";
import { expressionsIn } from "../hcl/walk.ts";
import { deleteBlock } from "./block-surgery.ts";
import {
  attributeOf,
  type FoundResource,
  findResource,
  type Module,
  type PlacedBlock,
  plainScope,
} from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import type { Change } from "./facts.ts";
import { DELETE } from "./put.ts";
import { putBack, refuseForeign } from "./put-back.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { refuse } from "./refusal.ts";
import { isList } from "./value.ts";

/** A resource that was deleted in the live system leaves the code: its block, or its entry among the instances. */
export const removal = (root: Module, address: string): Change => ({
  address,
  path: "",
  attribute: "",
  ways: [{ name: "source", edits: () => removalEdits(findResource(root, address)) }],
  reached: (planned) => planned === undefined || planned === null,
  removes: true,
  follows: [],
  settles: [""],
});

const removalEdits = (found: FoundResource): readonly Edit[] => {
  const { address, module, placed } = found;
  refuseForeign(module, placed.file.path);
  if (address.key === undefined) return blockRemoval(found);
  return withoutInstance(module, placed, address.key);
};

/** Takes one instance out of what a resource or a module is repeated over. */
const withoutInstance = (module: Module, placed: PlacedBlock, key: string | number): readonly Edit[] => {
  const own = plainScope(module, placed.file);
  const each = attributeOf(placed, "for_each");
  if (each) {
    const scope = { ...own, file: each.file };
    const collection = evaluate(each.attribute.value, scope);
    if (!isList(collection)) return putBack(each.attribute.value, [key], DELETE, scope);
    const left = collection.filter((one) => one !== key);
    return putBack(each.attribute.value, [], left as string[], scope);
  }
  const count = attributeOf(placed, "count") ?? refuse("the block has neither for_each nor count");
  const scope = { ...own, file: count.file };
  if (evaluate(count.attribute.value, scope) !== Number(key) + 1) {
    return refuse("only the last instance of a count can be dropped: all after it would move");
  }
  return putBack(count.attribute.value, [], Number(key), scope);
};

const blockRemoval = ({ address, module, placed }: FoundResource): readonly Edit[] => {
  const repeated = innermostRepeated(module);
  // The plan judges whether all else in that instance is gone too.
  if (repeated) return withoutInstance(repeated.caller, repeated.call, repeated.key);
  const users = usersOf(module, address.type, address.name, placed.block);
  if (users.length > 0) return refuse(`still referred to by ${users.join(", ")}`);
  return [placed, ...placed.overrides].flatMap((one) =>
    isJsonFile(one.file) ? setInJson(one.file, one.block.start, [], DELETE) : [deleteBlock(one)],
  );
};

/** The nearest module call around that has instances, with the key of ours. */
const innermostRepeated = (module: Module) => {
  for (let here = module; here.caller; here = here.caller.scope.module) {
    const key = here.steps.at(-1)?.key;
    if (key !== undefined) return { caller: here.caller.scope.module, call: here.caller.call, key };
  }
  return undefined;
};

/** Blocks of the module other than the resource's own that mention it. */
const usersOf = (module: Module, type: string, name: string, self: object): readonly string[] =>
  module.files.flatMap(({ body }) =>
    body.blocks
      .filter((block) => block !== self && mentions(block.body, type, name))
      .map((block) => [block.type, ...block.labels].join(".")),
  );

const mentions = (body: Parameters<typeof expressionsIn>[0], type: string, name: string): boolean =>
  [...expressionsIn(body)].some((part) => {
    if (part.kind !== "traversal" || part.root !== type) return false;
    const [first] = part.steps;
    return first !== undefined && "attribute" in first && first.attribute === name;
  });
