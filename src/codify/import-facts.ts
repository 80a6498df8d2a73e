import type { Attribute, Block, ParseHcl, SourceFile } from "../hcl/syntax.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { parseAddress } from "./address.ts";
import { findBlock, type Module, openRoot, plainScope } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import type { DraftFacts, Siblings } from "./import-parts.ts";
import type { ImportTarget } from "./import-target.ts";
import { parseLeniently } from "./lenient-parse.ts";
import { render } from "./render.ts";
import { type BlockSchema, resourceSchema } from "./schema.ts";
import { isEmpty, isSame, type Value } from "./value.ts";

const GENERATED = "generated.tf";

/** The blocks that the engine wrote, by their stand-in names. */
export const generatedBlocks = (
  parse: ParseHcl,
  text: string,
): { readonly file: SourceFile; readonly byName: ReadonlyMap<string, Block> } => {
  const file = parseLeniently(parse, GENERATED, text);
  const blocks = file.body.blocks.filter(({ type }) => type === "resource");
  return { file, byName: new Map(blocks.map((block) => [block.labels[1] ?? "", block])) };
};

export interface ImportFacts {
  readonly parse: ParseHcl;
  readonly target: ImportTarget;
  readonly file: SourceFile;
  readonly block: Block;
  readonly schema: BlockSchema;
  /** Plan of the code as it is. */
  readonly plan: Plan;
  readonly defaults: Json;
}

export const draftFacts = ({
  parse,
  target,
  file,
  block,
  schema,
  plan,
  defaults,
}: ImportFacts): DraftFacts => {
  const { at, module, address } = target;
  const facts = {
    ...module.root.facts,
    parse,
    files: new Map([[GENERATED, file.text]]),
    dir: ".",
    varFiles: [],
  };
  const scope = plainScope(openRoot(facts), file);
  return {
    type: at.type,
    name: at.name,
    address,
    file,
    block,
    schema,
    value: ({ value }: Attribute) => evaluate(value, scope),
    reference: referenceIn(module, plan),
    siblings: siblingsOf(module, plan, at.type),
    defaults,
    secrets: new Set(),
  };
};

/** The provider's own address for a resource type, as another resource or the generating plan tells it. */
export const schemaOf = (
  schemas: Json,
  type: string,
  plans: readonly (Plan | null)[],
): BlockSchema | undefined => {
  const told = plans.flatMap((plan) => plan?.changes ?? []).find((change) => change.type === type)?.provider;
  const all =
    isJsonObject(schemas) && isJsonObject(schemas["provider_schemas"]) ? schemas["provider_schemas"] : {};
  const prefix = type.split("_")[0] ?? "";
  const names = [
    ...(told ? [told] : []),
    ...Object.keys(all).toSorted((one) => (one.endsWith(`/${prefix}`) ? -1 : 1)),
  ];
  return names
    .map((provider) => resourceSchema(schemas, provider, type))
    .find((found) => found !== undefined);
};

const liveIn = (module: Module, plan: Plan): readonly ResourceChange[] => {
  const path = module.steps.map(({ name }) => name).join(".");
  return plan.changes.filter((change) => {
    const at =
      change.mode === "managed" && change.deposed === null ? parseAddress(change.address) : undefined;
    return at !== undefined && at.modules.map(({ name }) => name).join(".") === path;
  });
};

const siblingsOf = (module: Module, plan: Plan, type: string): Siblings => {
  const blocks = module.files.flatMap(({ body }) =>
    body.blocks.filter((block) => block.type === "resource" && block.labels[0] === type),
  );
  const namesIn = ({ body }: Block): readonly string[] => [
    ...body.attributes.map(({ name }) => name),
    ...body.blocks.map((inner) => inner.type),
  ];
  const others = liveIn(module, plan).filter((change) => change.type === type && isJsonObject(change.before));
  return {
    written: [...new Set(blocks.flatMap(namesIn))],
    leaveOut: (name, value) => {
      const silent = others.filter((change) => {
        const block = findBlock(module, "resource", type, change.name)?.block;
        return block !== undefined && !namesIn(block).includes(name);
      });
      return silent.some(({ before }) => isSame((before as { [name: string]: Json })[name] ?? null, value));
    },
  };
};

/** A reference in place of an id, where one resource of the module is known to have it, and no other. */
const referenceIn = (module: Module, plan: Plan): DraftFacts["reference"] => {
  const sources = new Map<string, string[]>();
  for (const change of liveIn(module, plan)) {
    const { type, name, index, before } = change;
    if (index !== null || !isJsonObject(before) || !["no-op", "update", "move"].includes(change.action))
      continue;
    if (!findBlock(module, "resource", type, name)) continue;
    const own = new Map<string, string>();
    for (const attribute of ["id", "arn"]) {
      const value = before[attribute];
      // Where both say the same, the id is the plainer name.
      if (typeof value === "string" && isIdLike(value) && !own.has(value))
        own.set(value, `${type}.${name}.${attribute}`);
    }
    for (const [value, place] of own) sources.set(value, [...(sources.get(value) ?? []), place]);
  }
  const only = (value: Value | undefined): string | null => {
    const [first, ...more] = typeof value === "string" ? (sources.get(value) ?? []) : [];
    return first !== undefined && more.length === 0 ? first : null;
  };
  return (_name, value) => {
    if (!Array.isArray(value)) return only(value);
    const items = (value as readonly Value[]).map((item) => ({ item, place: only(item) }));
    if (isEmpty(value) || items.every(({ place }) => place === null)) return null;
    if (items.some(({ item }) => typeof item !== "string")) return null;
    return `[${items.map(({ item, place }) => place ?? render(item as Json)).join(", ")}]`;
  };
};

/** What a cloud made up, so that two things never share it by chance; a name or a number may mean anything. */
const isIdLike = (text: string): boolean =>
  /^arn:[^:]*:[^:]*:/.test(text) ||
  /^projects\/[^/]+\/./.test(text) ||
  /^\/subscriptions\/./.test(text) ||
  /^[a-z]{1,12}-[0-9a-f]{8,}$/.test(text) ||
  /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text);

/** A new resource of the type that says only what it must: its plan tells the provider's defaults. */
export const twinText = (
  { at, standIn }: ImportTarget,
  { text }: SourceFile,
  block: Block,
  schema: BlockSchema,
): string => {
  const required = [
    ...block.body.attributes.filter(({ name }) => schema.attributes?.[name]?.required),
    ...block.body.blocks.filter(({ type }) => (schema.block_types?.[type]?.min_items ?? 0) > 0),
  ];
  const lines = required.map(({ start, end }) => `  ${text.slice(start, end)}`);
  return [`resource "${at.type}" "${standIn}" {`, ...lines, "}", ""].join("\n");
};
