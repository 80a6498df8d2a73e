import { findNodeAtLocation, parseTree } from "jsonc-parser";
import type { Edit } from "../hcl/edit.ts";
import type { Body, Expression, ExpressionOf, SourceFile, Span } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import {
  attributeOf,
  findBlock,
  findLocal,
  findResource,
  type Module,
  moduleAt,
  type PlacedBlock,
  plainScope,
} from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { filePathOf } from "./read-file.ts";
import { attempt } from "./refusal.ts";

/** Whether an edit may change what the code says of the resource at an address; true where the code does not tell. */
export type Influence = (address: string, edit: Edit) => boolean;

/** Follows every reference of a resource's block, through locals, variables, modules and other resources. */
export const influenceIn = (root: Module): Influence => {
  const known = new Map<string, Reached | null>();
  return (address, edit) => {
    const before = known.get(address);
    const reached = before === undefined ? reachedFrom(root, address) : before;
    known.set(address, reached);
    return reached === null || isTouched(edit, reached);
  };
};

/** What a resource reads: stretches by file, and the arguments that modules were asked for by the place of their call. */
interface Reached {
  readonly spans: Map<string, Span[]>;
  readonly asked: Map<string, Set<string>>;
  readonly seen: Set<string>;
}

const reachedFrom = (root: Module, address: string): Reached | null => {
  const found = attempt(() => findResource(root, address));
  if ("reason" in found) return null;
  const reached: Reached = { spans: new Map(), asked: new Map(), seen: new Set() };
  followBlock(found.value.placed, found.value.module, reached);
  return reached;
};

const isTouched = ({ file, start, end, text }: Edit, { spans, asked }: Reached): boolean => {
  // A block that goes takes its line ends and the comment above with it.
  const overlaps = (span: Span): boolean =>
    (span.start <= start && end <= span.end) || (start < span.end && span.start < end);
  if ((spans.get(file.path) ?? []).some(overlaps)) return true;
  const call = file.body.blocks.find((block) => block.start <= start && end <= block.end);
  if (call?.type !== "module") return false;
  // A new argument lies between those that are there.
  const names = asked.get(`${file.path}:${call.start}`) ?? new Set();
  return [...names].some((name) => new RegExp(`(^|\\s)"?${name}"?\\s*[=:]`).test(text));
};

const EVERYTHING: Span = { start: 0, end: Number.POSITIVE_INFINITY };

const add = ({ spans }: Reached, path: string, span: Span): void =>
  void spans.set(path, [...(spans.get(path) ?? []), span]);

const isNew = (reached: Reached, kind: string, path: string, span: Span, module: Module): boolean => {
  const mark = `${kind}:${path}:${span.start}:${module.steps.map(({ name }) => name).join(".")}`;
  return !reached.seen.has(mark) && !!reached.seen.add(mark);
};

const followBlock = ({ file, block, overrides }: PlacedBlock, module: Module, reached: Reached): void => {
  for (const part of [{ file, block }, ...overrides]) {
    if (!isNew(reached, "block", part.file.path, part.block, module)) continue;
    add(reached, part.file.path, part.block);
    follow(part.block.body, part.file, module, reached);
  }
  // What decides how often the module is there reaches everything in it.
  for (const name of module.caller ? ["for_each", "count"] : []) followArgument(name, module, reached);
};

const followArgument = (name: string, { caller }: Module, reached: Reached): void => {
  const given = caller && attributeOf(caller.call, name);
  if (!caller || !given || !isNew(reached, "argument", given.file.path, given.attribute, caller.scope.module))
    return;
  add(reached, given.file.path, given.attribute);
  follow(given.attribute.value, given.file, caller.scope.module, reached);
};

const follow = (from: Body | Expression, file: SourceFile, module: Module, reached: Reached): void => {
  for (const part of expressionsIn(from)) {
    if (part.kind === "traversal") followReference(part, module, reached);
    const path = part.kind === "call" ? filePathOf(part, plainScope(module, file), evaluate) : undefined;
    if (path !== undefined) add(reached, path, EVERYTHING);
  }
};

const followReference = (
  { root, steps }: ExpressionOf<"traversal">,
  module: Module,
  reached: Reached,
): void => {
  const names = steps.flatMap((step) => ("attribute" in step ? [step.attribute] : []));
  const [first = "", second = ""] = names;
  if (root === "var") followVariable(first, module, reached);
  else if (root === "local") followLocal(first, module, reached);
  else if (root === "module") followOutput(first, second, module, reached);
  else {
    const labels = root === "data" ? [first, second] : [root, first];
    const block = findBlock(module, root === "data" ? "data" : "resource", ...labels);
    if (block) followBlock(block, module, reached);
  }
};

const followLocal = (name: string, module: Module, reached: Reached): void => {
  const local = findLocal(module, name);
  if (!local || !isNew(reached, "local", local.file.path, local.attribute, module)) return;
  add(reached, local.file.path, local.attribute);
  follow(local.attribute.value, local.file, module, reached);
};

const followOutput = (called: string, output: string, module: Module, reached: Reached): void => {
  const child = attempt(() => moduleAt(module, [{ name: called }]));
  const block = "value" in child ? findBlock(child.value, "output", output) : undefined;
  if (block && "value" in child) followBlock(block, child.value, reached);
};

const jsonMember = (text: string, name: string): Span | undefined => {
  const root = parseTree(text);
  const node = root && findNodeAtLocation(root, [name]);
  return node && { start: node.offset, end: node.offset + node.length };
};

const followVariable = (name: string, module: Module, reached: Reached): void => {
  const declared = findBlock(module, "variable", name);
  if (!declared || !isNew(reached, "variable", declared.file.path, declared.block, module)) return;
  add(reached, declared.file.path, declared.block);
  if (module.caller) {
    const { file, block } = module.caller.call;
    const place = `${file.path}:${block.start}`;
    reached.asked.set(place, (reached.asked.get(place) ?? new Set()).add(name));
    followArgument(name, module, reached);
    return;
  }
  for (const file of module.root.varFiles) {
    const member = file.path.endsWith(".json") ? jsonMember(file.text, name) : undefined;
    if (member) add(reached, file.path, member);
    for (const set of file.body.attributes) if (set.name === name) add(reached, file.path, set);
  }
};
