import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf, Step } from "../hcl/syntax.ts";
import type { Path } from "../model/path.ts";
import { type Binding, findLocal, type Place, plainScope, type Scope } from "./configuration.ts";
import { bindingValue, evaluate, outputAt } from "./evaluate.ts";
import type { PutContext, Want } from "./put.ts";
import { putVariable } from "./put-variable.ts";
import { shortText } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { isList } from "./value.ts";

type Reference = ExpressionOf<"traversal">;

/** Follows a reference to where its value is written. */
export const putReference = (
  reference: Reference,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { scope } = context;
  const [first, ...rest] = reference.steps;
  const name = first && "attribute" in first ? first.attribute : "";
  const mark = `${scope.file.path}:${reference.start}:${scope.module.steps.map(({ name: step }) => step).join(".")}`;
  if (context.seen.includes(mark)) return refuse("the references go round in a circle");
  const onward = { ...context, seen: [...context.seen, mark] };
  const bound = scope.names.get(reference.root);
  if (bound) return putBound(bound, reference, path, want, onward);
  const inside = [...stepsPath(rest, scope), ...path];
  if (reference.root === "each") return putEach(name, reference, inside, want, onward);
  if (reference.root === "var") return putVariable(name, inside, want, onward);
  if (reference.root === "module") {
    const output = outputAt(reference.steps, scope);
    if (output)
      return context.put(output.expression, [...stepsPath(output.rest, scope), ...path], want, {
        ...onward,
        scope: output.scope,
      });
  }
  if (reference.root !== "local") {
    return refuse(
      `the value comes from ${shortText(scope.file, reference)}, not from something written in this configuration`,
    );
  }
  const local = findLocal(scope.module, name) ?? refuse(`local.${name} was not found`);
  return context.put(local.attribute.value, inside, want, {
    ...onward,
    scope: plainScope(scope.module, local.file),
  });
};

/** Steps as a path. @throws Refusal for a splat, or an index that only a plan knows. */
export const stepsPath = (steps: readonly Step[], scope: Scope): Path =>
  steps.map((step) => {
    // No attribute's name is a number: it is a place in a list.
    if ("attribute" in step) return /^\d+$/.test(step.attribute) ? Number(step.attribute) : step.attribute;
    if ("splat" in step) return refuse("a splat stands on the way");
    const index = evaluate(step.index, scope);
    return typeof index === "string" || typeof index === "number"
      ? index
      : refuse(`the index ${shortText(scope.file, step.index)} is not known before a plan`);
  });

const putAt = (place: Place, path: Path, want: Want, context: PutContext): readonly Edit[] =>
  context.put(place.expression, [...place.path, ...path], want, { ...context, scope: place.scope });

const putBound = (
  bound: Binding,
  reference: Reference,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const shown = shortText(context.scope.file, reference);
  if (bound.kind === "value") return refuse(`${shown} is a key of a loop`);
  if (bound.kind === "place")
    return putAt(bound, [...stepsPath(reference.steps, context.scope), ...path], want, context);
  const [first, ...rest] = reference.steps;
  if (!first || !("attribute" in first) || first.attribute !== "value")
    return refuse(`${shown} is a key of a loop`);
  return putAt(bound.place, [...stepsPath(rest, context.scope), ...path], want, context);
};

const putEach = (
  name: string,
  reference: Reference,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const { instance } = context.scope;
  if (name !== "value" || instance?.kind !== "each") {
    return refuse(
      `${shortText(context.scope.file, reference)} is the instance's key: another one would be another resource`,
    );
  }
  if (isList(bindingValue(instance.collection)))
    return refuse("for_each is a set, so each.value is the instance's key");
  return putAt(instance.collection, [instance.key, ...path], want, context);
};
