import type { Edit } from "../hcl/edit.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { insertBlock } from "./block-surgery.ts";
import { saidNames } from "./block-text.ts";
import type { Way } from "./facts.ts";
import { refuseForeign, refuseJson } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import { elementsOf, type NestedSchema } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { table } from "./table.ts";

/** A nested block that only some instances have: a dynamic block over a small table by instance. */
export const instanceBlockWay = (
  site: AttributeSite,
  name: string,
  nested: NestedSchema,
  value: Json,
): Way => ({
  name: "instance",
  edits: () => {
    const { instance, module } = site.scope;
    if (!instance) return refuse("the resource has no instances");
    refuseForeign(module, site.placed.file.path);
    refuseJson(site.placed.file);
    if (
      Object.keys(nested.block.block_types ?? {}).some(
        (inner) => elementsOf(memberOf(value, inner)).length > 0,
      )
    ) {
      return refuse("a block with blocks inside is not written for one instance alone");
    }
    const by = instance.kind === "each" ? "each.key" : "count.index";
    const join = (wishes: readonly { readonly key: string; readonly value: Json }[]): readonly Edit[] => {
      const byKey = Map.groupBy(wishes, ({ key }) => key);
      const names = [...new Set(wishes.flatMap((wish) => saidNames(wish.value, nested.block)))];
      const rows = [...byKey].map(([key, own]) => ({
        key,
        value: own.map((wish) => only(wish.value, names)),
      }));
      const lines = [
        `for_each = lookup(${table(rows, "")}, ${by}, [])`,
        "content {",
        ...names.map((each) => `  ${each} = ${name}.value.${each}`),
        "}",
      ];
      const text = lines.join("\n").split("\n");
      return [insertBlock(site.placed, [], `dynamic "${name}"`, text)];
    };
    const place = `block:${site.placed.file.path}:${site.placed.block.start}:${name}:${module.steps.map(({ name: step }) => step).join(".")}`;
    return { key: String(instance.key), value, place, join };
  },
});

const memberOf = (value: Json, name: string): Json => (isJsonObject(value) ? (value[name] ?? null) : null);

const only = (value: Json, names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, memberOf(value, name)]));
