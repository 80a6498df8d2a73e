import type { Edit } from "../hcl/edit.ts";
import type { Json } from "../model/json.ts";
import { appendBlock, insertAttribute, insertBlock, wrappedInDynamic } from "./block-surgery.ts";
import type { PlacedBlock } from "./configuration.ts";
import { dynamicLines, sameShape } from "./dynamic-text.ts";
import type { InstanceWish, Way } from "./facts.ts";
import { callerOf, fileOfVariables, freeInput } from "./input-way.ts";
import { indentAt } from "./lines.ts";
import { render } from "./render.ts";
import type { NestedSchema } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { table } from "./table.ts";

/** A nested block that one call of a module has: an input that is a list of such blocks, empty for all others. */
export const inputBlockWay = (site: AttributeSite, name: string, nested: NestedSchema, value: Json): Way => ({
  name: "input",
  edits: () =>
    wishOf(site, name, "more", value, (wishes, input) => {
      const shaped = sameShape(
        wishes.map((wish) => wish.value),
        nested.block,
      );
      const lines = dynamicLines(name, shaped, nested.block, `var.${input}`);
      return {
        inside: insertBlock(site.placed, [], `dynamic "${name}"`, lines),
        fallback: "[]",
        given: wishes.map(({ key }, index) => ({ key, value: [shaped[index] ?? null] })),
      };
    }),
});

/** A nested block that one call of a module does not have. */
export const lessInputWay = (site: AttributeSite, name: string, placed: PlacedBlock): Way => ({
  name: "input",
  edits: () =>
    wishOf(site, name, `less:${placed.block.start}`, null, (wishes, input) => ({
      inside: wrappedInDynamic(placed, `var.${input}`),
      fallback: "[true]",
      given: wishes.map(({ key }) => ({ key, value: [] })),
    })),
});

interface Given {
  readonly key: string;
  readonly value: readonly Json[];
}

type Made = (
  wishes: readonly { readonly key: string; readonly value: Json }[],
  input: string,
) => { readonly inside: Edit; readonly fallback: string; readonly given: readonly Given[] };

const wishOf = (site: AttributeSite, name: string, what: string, value: Json, made: Made): InstanceWish => {
  const caller = callerOf(site);
  const { module } = site.scope;
  const input = freeInput(site, name);
  const { instance } = caller.scope;
  const join: InstanceWish["join"] = (wishes) => {
    const { inside, fallback, given } = made(wishes, input);
    const rows = [...Map.groupBy(given, ({ key }) => key)].map(([key, own]) => ({
      key,
      value: own.flatMap((one) => one.value),
    }));
    const indent = `${indentAt(caller.call.file.text, caller.call.block.start)}  `;
    const by = instance?.kind === "each" ? "each.key" : "count.index";
    const argument = instance
      ? `lookup(${table(rows, indent)}, ${by}, ${fallback})`
      : render(rows[0]?.value ?? [], indent);
    const variable = `variable "${input}" {\n  default = ${fallback}\n}`;
    return [
      inside,
      appendBlock(fileOfVariables(module) ?? site.placed.file, variable),
      insertAttribute(caller.call, input, argument),
    ];
  };
  const { file, block } = caller.call;
  const place = `input:${what}:${module.dir}:${site.placed.block.start}:${file.path}:${block.start}:${input}`;
  return { key: String(instance?.key ?? ""), value, place, join };
};
