import type { Edit } from "../hcl/edit.ts";
import { blockAddress } from "./address.ts";
import { isWish } from "./assemble.ts";
import { deleteBlock } from "./block-surgery.ts";
import { type FoundResource, findResource, type Module } from "./configuration.ts";
import type { Change, DriftedResource, InstanceWish, Way } from "./facts.ts";
import { withoutImportsOf } from "./import-blocks.ts";
import { DELETE } from "./put.ts";
import { refuseForeign } from "./put-back.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { refuse } from "./refusal.ts";
import { keptOutWay, type Repeated, withoutInstance } from "./removal-instance.ts";
import { withoutUsers } from "./removal-users.ts";

/** Addresses of the resources that were deleted in the live system. */
export const vanishedIn = (resources: readonly DriftedResource[]): ReadonlySet<string> =>
  new Set(
    resources
      .filter(({ findings }) => findings.some(({ path, cause }) => path === "" && cause === "vanished"))
      .map(({ address }) => address),
  );

/**
 * A resource that was deleted in the live system leaves the code: its block, its entry among the instances, or the
 * call of the module that held nothing else.
 */
export const removal = (root: Module, address: string, vanished: ReadonlySet<string>): Change => ({
  address,
  path: "",
  attribute: "",
  ways: waysOf(findResource(root, address), vanished).map((way) => withImports(way, root, address, vanished)),
  reached: (planned) => planned === undefined || planned === null,
  removes: true,
  follows: [],
  settles: [""],
});

/** An import block must have a resource to import into; those of the instances that are left out together go together. */
const withImports = (way: Way, root: Module, address: string, vanished: ReadonlySet<string>): Way => ({
  ...way,
  edits: () => {
    const made = way.edits();
    if (!isWish(made)) return [...made, ...withoutImportsOf(root, address)];
    const alike = [...vanished].filter((one) => blockAddress(one) === blockAddress(address));
    const imports = alike.flatMap((one) => withoutImportsOf(root, one));
    const join: InstanceWish["join"] = (wishes) => [...made.join(wishes), ...imports];
    return { ...made, join };
  },
});

const waysOf = (found: FoundResource, vanished: ReadonlySet<string>): readonly Way[] => {
  const { address, module, placed } = found;
  const repeated: readonly Repeated[] = [
    ...(address.key === undefined ? [] : [{ module, placed, key: address.key }]),
    ...repeatedCalls(module),
  ];
  const [innermost] = repeated;
  const ways = innermost
    ? withoutInstance(innermost, vanished).map((edits): Way => ({ name: "source", edits }))
    : [{ name: "source" as const, edits: () => blockRemoval(found, vanished) }];
  const calls = address.key === undefined ? callRemovals(module) : [];
  return [...ways, ...(innermost ? [keptOutWay(innermost)] : []), ...calls];
};

const blockRemoval = (
  { address, module, placed }: FoundResource,
  vanished: ReadonlySet<string>,
): readonly Edit[] => {
  refuseForeign(module, placed.file.path);
  const users = withoutUsers(module, [address.type, address.name], placed.block, vanished);
  return [...users, ...[placed, ...placed.overrides].flatMap(whole)];
};

const whole = (one: Pick<FoundResource["placed"], "file" | "block">): readonly Edit[] =>
  isJsonFile(one.file) ? setInJson(one.file, one.block.start, [], DELETE) : [deleteBlock(one)];

/** The module calls around that have instances, the nearest first. */
const repeatedCalls = (module: Module): readonly Repeated[] => {
  const found: Repeated[] = [];
  for (let here = module; here.caller; here = here.caller.scope.module) {
    const key = here.steps.at(-1)?.key;
    if (key !== undefined) found.push({ module: here.caller.scope.module, placed: here.caller.call, key });
  }
  return found;
};

/** The calls around that stand for one instance; the plan judges whether all else in that module is gone too. */
const callRemovals = (module: Module): readonly Way[] => {
  const ways: Way[] = [];
  for (let here = module; here.caller; here = here.caller.scope.module) {
    const { call, scope } = here.caller;
    const step = here.steps.at(-1);
    if (!step || step.key !== undefined) return ways;
    ways.push({
      name: "here",
      edits: () => {
        refuseForeign(scope.module, call.file.path);
        if (call.overrides.length > 0) refuse("the module's call has override files");
        return [...withoutUsers(scope.module, ["module", step.name], call.block, new Set()), ...whole(call)];
      },
    });
  }
  return ways;
};
