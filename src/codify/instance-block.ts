import type { Edit } from "../hcl/edit.ts";
import type { Json } from "../model/json.ts";
import { insertBlock, wrappedInDynamic } from "./block-surgery.ts";
import type { PlacedBlock } from "./configuration.ts";
import { dynamicLines, sameShape } from "./dynamic-text.ts";
import type { Way } from "./facts.ts";
import { refuseForeign, refuseJson } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import type { NestedSchema } from "./schema.ts";
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
    const { key, by, place } = instanceOf(site, `block:${name}`);
    const join = (wishes: readonly { readonly key: string; readonly value: Json }[]): readonly Edit[] => {
      const shaped = sameShape(
        wishes.map((wish) => wish.value),
        nested.block,
      );
      const rows = [...Map.groupBy(wishes, (wish) => wish.key)].map(([own, these]) => ({
        key: own,
        value: these.map((wish) => shaped[wishes.indexOf(wish)] ?? null),
      }));
      const lines = dynamicLines(name, shaped, nested.block, `lookup(${table(rows, "")}, ${by}, [])`);
      return [insertBlock(site.placed, [], `dynamic "${name}"`, lines)];
    };
    return { key, value, place, join };
  },
});

/** A nested block that some instances do not have: it becomes a dynamic one. */
export const lessWay = (site: AttributeSite, name: string, placed: PlacedBlock): Way => ({
  name: "instance",
  edits: () => {
    const { key, by, place } = instanceOf(site, `less:${placed.block.start}:${name}`);
    const join = (wishes: readonly { readonly key: string }[]): readonly Edit[] => {
      const rows = [...new Set(wishes.map((wish) => wish.key))]
        .sort()
        .map((own) => ({ key: own, value: [] }));
      return [wrappedInDynamic(placed, `lookup(${table(rows, "")}, ${by}, [true])`)];
    };
    return { key, value: null, place, join };
  },
});

const instanceOf = ({ placed, scope: { instance, module } }: AttributeSite, what: string) => {
  if (!instance) return refuse("the resource has no instances");
  refuseForeign(module, placed.file.path);
  refuseJson(placed.file);
  return {
    key: String(instance.key),
    by: instance.kind === "each" ? "each.key" : "count.index",
    place: `${what}:${placed.file.path}:${placed.block.start}:${module.steps.map(({ name }) => name).join(".")}`,
  };
};
