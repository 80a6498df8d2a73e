import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import {
  attributeOf,
  findResource,
  type Module,
  type PlacedBlock,
  plainScope,
  type Scope,
} from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import type { Way } from "./facts.ts";
import { DELETE } from "./put.ts";
import { putBack, refuseForeign, refuseJson } from "./put-back.ts";
import { textOf } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { quoted } from "./render.ts";
import { replaced } from "./replaced.ts";
import { switchEdits } from "./switch.ts";
import { isList, isObject } from "./value.ts";

/** A resource or a module call with instances, and the instance that goes. */
export interface Repeated {
  readonly module: Module;
  readonly placed: PlacedBlock;
  readonly key: string | number;
}

/** Ways to take one instance out of what a block is repeated over. */
export const withoutInstance = (
  { module, placed, key }: Repeated,
  vanished: ReadonlySet<string>,
): readonly (() => readonly Edit[])[] => {
  const own = plainScope(module, placed.file);
  const each = attributeOf(placed, "for_each");
  if (each) {
    const scope = { ...own, file: each.file };
    return [
      () => {
        refuseForeign(module, placed.file.path);
        const chained = chainedTo(each.attribute.value, key, scope, vanished);
        return chained ?? withoutKey(each.attribute.value, key, scope);
      },
    ];
  }
  return [
    () => {
      const { expression, scope } = lastOfCount(module, placed, key);
      return switchEdits(expression, Number(key), scope);
    },
    () => {
      const { expression, scope } = lastOfCount(module, placed, key);
      return putBack(expression, [], Number(key), scope);
    },
  ];
};

const withoutKey = (expression: Expression, key: string | number, scope: Scope): readonly Edit[] => {
  const collection = evaluate(expression, scope);
  if (!isList(collection)) return putBack(expression, [key], DELETE, scope);
  const left = collection.filter((one) => one !== key);
  return putBack(expression, [], left as string[], scope);
};

/** Repeated over another resource whose same instance is gone too: it goes with that one. */
const chainedTo = (
  expression: Expression,
  key: string | number,
  scope: Scope,
  vanished: ReadonlySet<string>,
): readonly Edit[] | undefined => {
  const [name] = expression.kind === "traversal" ? expression.steps : [];
  if (expression.kind !== "traversal" || !name || !("attribute" in name)) return undefined;
  const tail = `${expression.root}.${name.attribute}[${JSON.stringify(key)}]`;
  const address = [...vanished].find((one) => one === tail || one.endsWith(`.${tail}`));
  if (address === undefined) return undefined;
  const { placed } = findResource(scope.module, tail);
  const each = attributeOf(placed, "for_each");
  return each && withoutKey(each.attribute.value, key, plainScope(scope.module, each.file));
};

const lastOfCount = (module: Module, placed: PlacedBlock, key: string | number) => {
  refuseForeign(module, placed.file.path);
  const count = attributeOf(placed, "count") ?? refuse("the block has neither for_each nor count");
  const scope = { ...plainScope(module, placed.file), file: count.file };
  if (evaluate(count.attribute.value, scope) !== Number(key) + 1) {
    return refuse("only the last instance of a count can be dropped: all after it would move");
  }
  return { expression: count.attribute.value, scope };
};

/** Where the source must stay as it is for others, or cannot be edited: the instances here leave some out. */
export const keptOutWay = ({ module, placed, key }: Repeated): Way => ({
  name: "here",
  edits: () => {
    const each = attributeOf(placed, "for_each") ?? refuse("the block has no for_each");
    refuseForeign(module, each.file.path);
    refuseJson(each.file);
    const scope = { ...plainScope(module, placed.file), file: each.file };
    const place = `out:${each.file.path}:${each.attribute.start}:${module.dir}`;
    const join = (wishes: readonly { readonly key: string }[]): readonly Edit[] => {
      const keys = [...new Set(wishes.map((wish) => wish.key))].sort();
      return [leftOut(each.attribute.value, keys, scope)];
    };
    return { key: String(key), value: null, place, join };
  },
});

const leftOut = (expression: Expression, keys: readonly string[], scope: Scope): Edit => {
  const { file } = scope;
  const text = textOf(file, expression);
  const condition = (name: string): string =>
    keys.length === 1
      ? `${name} != ${quoted(keys[0] ?? "")}`
      : `!contains([${keys.map(quoted).join(", ")}], ${name})`;
  if (expression.kind === "for" && expression.key && !expression.condition && !expression.groups) {
    const end = text.replace(/\s*\}$/, "").length;
    const added = ` if ${condition(textOf(file, expression.key))}`;
    return { file, start: expression.start + end, end: expression.start + end, text: added };
  }
  const value = evaluate(expression, scope);
  const isSet =
    isList(value) || (expression.kind === "call" && /^(toset|fileset|set\w+|keys)$/.test(expression.name));
  if (isSet && !isObject(value))
    return replaced(file, expression, `setsubtract(${text}, [${keys.map(quoted).join(", ")}])`);
  return replaced(file, expression, `{ for key, value in ${text} : key => value if ${condition("key")} }`);
};
