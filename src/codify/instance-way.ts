import type { Edit } from "../hcl/edit.ts";
import type { Json } from "../model/json.ts";
import { insertAttribute } from "./block-surgery.ts";
import { attributeOf } from "./configuration.ts";
import { bindingValue } from "./evaluate.ts";
import type { Way } from "./facts.ts";
import { indentAt } from "./lines.ts";
import { putBack, refuseForeign, refuseJson } from "./put-back.ts";
import { textOf } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { replaced } from "./replaced.ts";
import type { AttributeSite } from "./site.ts";
import { table } from "./table.ts";
import { isObject } from "./value.ts";

interface Wish {
  readonly key: string;
  readonly value: Json;
}

/** In the instance's own entry of the for_each map, with the shared value as what the others keep. */
export const entryWay = (site: AttributeSite, name: string, want: Json): Way => ({
  name: "instance",
  edits: () => {
    const { instance, module } = site.scope;
    if (instance?.kind !== "each") return refuse("there is no map of instances to write it into");
    const entry = entryOf(site);
    if (!isObject(entry)) return refuse("the instances have no entries of their own");
    const field = freeField(site, entry, name);
    const join = (wishes: readonly Wish[]): readonly Edit[] => [
      ...wishes.flatMap(({ key, value }) =>
        putBack(instance.collection.expression, [key, field], value, instance.collection.scope),
      ),
      ...sharedEdit(site, name, (old) => `try(each.value.${field}, ${old})`),
    ];
    refuseForeign(module, site.placed.file.path);
    refuseJson(site.placed.file);
    return { key: instance.key, value: want, place: placeOf(site, name, "entry"), join };
  },
});

const entryOf = ({ scope: { instance } }: AttributeSite) => {
  if (instance?.kind !== "each") return undefined;
  const collection = bindingValue(instance.collection);
  return isObject(collection) ? collection[instance.key] : undefined;
};

const freeField = (site: AttributeSite, entry: { readonly [key: string]: unknown }, name: string): string => {
  const long = `${site.prefix}${name}`.replaceAll(/\[\d+\]/g, "").replaceAll(".", "_");
  return (
    [name, long].find((field) => !(field in entry)) ?? refuse(`the instance's entry has a ${name} already`)
  );
};

/** A small table by instance in place of the shared value. */
export const instanceWay = (site: AttributeSite, name: string, want: Json): Way => ({
  name: "instance",
  edits: () => {
    const { instance, module } = site.scope;
    if (!instance) return refuse("the resource has no instances");
    refuseForeign(module, site.placed.file.path);
    refuseJson(site.placed.file);
    const by = instance.kind === "each" ? "each.key" : "count.index";
    const indent = indentAt(site.placed.file.text, site.placed.block.start);
    const join = (wishes: readonly Wish[]): readonly Edit[] => {
      if (wishes.length > MOST) return refuse(`${wishes.length} instances differ: too many for one table`);
      const rows = [...wishes].sort((one, other) => (one.key < other.key ? -1 : 1));
      return sharedEdit(site, name, (old) => `lookup(${table(rows, `${indent}  `)}, ${by}, ${old})`);
    };
    return { key: String(instance.key), value: want, place: placeOf(site, name, "table"), join };
  },
});

const MOST = 20;

const placeOf = ({ placed, scope }: AttributeSite, name: string, kind: string): string =>
  `${kind}:${scope.module.steps.map((step) => JSON.stringify(step)).join(".")}:${placed.file.path}:${placed.block.start}:${name}`;

const sharedEdit = (
  { placed }: AttributeSite,
  name: string,
  written: (old: string) => string,
): readonly Edit[] => {
  const found = attributeOf(placed, name);
  if (!found) return [insertAttribute(placed, name, written("null"))];
  const old = textOf(found.file, found.attribute.value);
  if (old.startsWith("<<")) return refuse("the shared value is a heredoc");
  return [replaced(found.file, found.attribute.value, written(old))];
};
