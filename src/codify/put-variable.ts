import type { Edit } from "../hcl/edit.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { insertAttribute } from "./block-surgery.ts";
import { attributeOf, findBlock, type Module, type PlacedBlock, plainScope } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { orderedLike } from "./put-call.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { putJsonFile } from "./put-json-file.ts";
import { refuse } from "./refusal.ts";
import { render, renderArgument } from "./render.ts";
import { isKnown, isList, isObject, meansSame, UNKNOWN, type Value } from "./value.ts";
import { appendToVarFile, ownVarFile } from "./var-file.ts";

/** Follows a variable to the caller's argument, the variable file that counts, or its default. */
export const putVariable = (name: string, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const { module } = context.scope;
  const declared =
    findBlock(module, "variable", name) ?? refuse(`the variable ${name} is not declared in HCL`);
  for (const mark of ["sensitive", "ephemeral"]) {
    const marked = attributeOf(declared, mark);
    if (marked && evaluate(marked.attribute.value, plainScope(module, marked.file)) === true) {
      return refuse(`var.${name} is ${mark}: its value is never written`);
    }
  }
  return module.caller
    ? putArgument(declared, name, path, want, context)
    : putRootVariable(declared, name, path, want, context);
};

const defaultOf = (module: Module, declared: PlacedBlock): Value => {
  const found = attributeOf(declared, "default");
  return found ? evaluate(found.attribute.value, plainScope(module, found.file)) : UNKNOWN;
};

const putArgument = (
  declared: PlacedBlock,
  name: string,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { module } = context.scope;
  const caller = module.caller ?? refuse("the root has no caller");
  const given = attributeOf(caller.call, name);
  const scope = { ...caller.scope, file: given?.file ?? caller.call.file };
  if (given) return context.put(given.attribute.value, path, want, { ...context, scope });
  if (!caller.scope.module.editable)
    return refuse("the calling module comes from outside of this repository");
  // Pass an argument, rather than change a default that other callers share.
  const whole = path.length === 0 ? want : setAt(defaultOf(module, declared), path, want);
  if (whole === DELETE || !isKnown(whole))
    return refuse(`the default of var.${name} is not known before a plan`);
  const { file, block } = caller.call;
  if (isJsonFile(file)) return setInJson(file, block.start, [name], whole as Json);
  return [insertAttribute(caller.call, name, render(whole, `${indentAt(file.text, block.start)}  `))];
};

const putRootVariable = (
  declared: PlacedBlock,
  name: string,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { module } = context.scope;
  const { root } = module;
  if (context.reach === "own") return putOwn(declared, name, path, want, context);
  for (const file of [...root.varFiles].reverse()) {
    if (file.path.endsWith(".json")) {
      const edits = putJsonFile(file, name, path, want);
      if (edits) return edits;
      continue;
    }
    const set = file.body.attributes.find((attribute) => attribute.name === name);
    if (set) {
      const scope = plainScope(module, file);
      return context.put(set.value, path, inOrder(declared, want, evaluate(set.value, scope)), {
        ...context,
        scope,
      });
    }
  }
  const outside = `var.${name} is set outside of the files (TF_VAR_${name}, -var, or the workspace)`;
  const fallback = attributeOf(declared, "default") ?? refuse(outside);
  const value = evaluate(fallback.attribute.value, plainScope(module, fallback.file));
  const planned = root.facts.variables[name];
  if (planned !== undefined && isKnown(value) && !sameInAnyOrder(value, planned) && !isObject(planned))
    return refuse(outside);
  return context.put(fallback.attribute.value, path, inOrder(declared, want, value), {
    ...context,
    scope: plainScope(module, fallback.file),
  });
};

/** Into the workspace's own variable file, over whatever the files say that others are given too. */
const putOwn = (
  declared: PlacedBlock,
  name: string,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { module } = context.scope;
  const { root } = module;
  const own = ownVarFile(root) ?? refuse("this workspace has no variable file of its own");
  const set = own.body.attributes.find((attribute) => attribute.name === name);
  if (set) return context.put(set.value, path, want, { ...context, scope: plainScope(module, own) });
  const value = root.facts.variables[name] ?? defaultOf(module, declared);
  const whole = path.length === 0 ? want : setAt(value, path, want);
  if (whole === DELETE || !isKnown(whole)) return refuse(`the value of var.${name} is not known as a whole`);
  return [appendToVarFile(own, name, renderArgument(whole as Json, "", "\n"))];
};

/** The author's order of a set stays. */
const inOrder = (declared: PlacedBlock, want: Want, written: Value): Want => {
  const type = attributeOf(declared, "type")?.attribute.value;
  const isSet = type?.kind === "call" && type.name === "set";
  return isSet && Array.isArray(want) ? orderedLike(want, written) : want;
};

/** A set's default stands in the author's order, the plan tells it in the engine's. */
const sameInAnyOrder = (value: Value, planned: Value): boolean => {
  if (!isList(value) || !isList(planned)) return meansSame(value, planned);
  const missing = (from: readonly Value[], other: readonly Value[]): boolean =>
    from.some((item) => !other.some((one) => meansSame(one, item)));
  return !missing(value, planned) && !missing(planned, value);
};

/** A copy with another value at a path. */
const setAt = (value: Value, path: Path, want: Want): Value | typeof DELETE => {
  const [first, ...rest] = path;
  if (first === undefined) return want;
  const inner = (member: Value | undefined): Value | typeof DELETE => setAt(member ?? UNKNOWN, rest, want);
  if (isList(value) && typeof first === "number") {
    const item = inner(value[first]);
    return item === DELETE ? value.toSpliced(first, 1) : value.with(first, item as Json);
  }
  if (!isObject(value)) return UNKNOWN;
  const { [first]: old, ...others } = value;
  const member = inner(old);
  return member === DELETE ? others : { ...value, [first]: member as Json };
};
