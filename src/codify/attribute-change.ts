import type { Edit } from "../hcl/edit.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { deleteAttribute, insertAttribute } from "./block-surgery.ts";
import { attributeOf } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import type { Change, Way } from "./facts.ts";
import { inputWay } from "./input-way.ts";
import { entryWay, instanceWay } from "./instance-way.ts";
import { indentAt, newlineOf } from "./lines.ts";
import { sayable } from "./nested-attribute.ts";
import { outwardWays } from "./outward-way.ts";
import { DELETE } from "./put.ts";
import { putBack, refuseForeign } from "./put-back.ts";
import { orderedLike } from "./put-call.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { refuse } from "./refusal.ts";
import { render, renderArgument } from "./render.ts";
import { replaced } from "./replaced.ts";
import { type AttributeSchema, kindOf, normalAttribute } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { isEmpty, isKnown, meansSame } from "./value.ts";

/** One attribute that the code must give another value. `before`: what the plan says that it gives now, where known. */
export const attributeChange = (
  site: AttributeSite,
  name: string,
  schema: AttributeSchema,
  wanted: Json,
  planned?: Json,
): Change => {
  const { scope } = site;
  const written = attributeOf(site.placed, name);
  const now =
    schema.nested_type && written
      ? evaluate(written.attribute.value, { ...scope, file: written.file })
      : undefined;
  const said = sayable(wanted, schema, now);
  const want = kindOf(schema) === "map" ? withoutNulls(said) : said;
  // A set comes in the engine's order, which is not that of the code.
  const before =
    kindOf(schema) === "set" || planned === undefined ? undefined : sayable(planned, schema, now);
  const ways: Way[] = [
    { name: "source", edits: () => sourceEdits(site, name, schema, want, before) },
    ...(scope.module.root.facts.ownVarFiles ? [ownWay(site, name, schema, want)] : []),
    { name: "here", edits: () => writtenEdits(site, name, schema, want, "here", before) },
    { name: "literal", edits: () => literalEdits(site, name, schema, want) },
  ];
  if (scope.instance) ways.push(entryWay(site, name, want), instanceWay(site, name, want));
  if (scope.module.caller) ways.push(inputWay(site, name, want));
  ways.push(...outwardWays(site, name, want));
  return {
    address: site.address,
    path: `${site.prefix}${name}`,
    attribute: site.top,
    ways,
    reached: (planned) => meansSame(normalAttribute(planned, schema), normalAttribute(want, schema)),
    removes: false,
    follows: site.follows,
    settles: site.settles,
  };
};

const withoutNulls = (value: Json): Json =>
  isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
    : value;

const sourceEdits = (
  site: AttributeSite,
  name: string,
  schema: AttributeSchema,
  want: Json,
  before: Json | undefined,
): readonly Edit[] => {
  const { placed, scope } = site;
  const written = attributeOf(placed, name);
  if (!written) return insertion(site, name, want);
  if (want === null || (isEmpty(want) && kindOf(schema) === "map")) {
    if (schema.required) return refuse("the live system has no value, and the argument is required");
    refuseForeign(scope.module, written.file.path);
    return isJsonFile(written.file)
      ? setInJson(written.file, written.attribute.value.start, [], DELETE)
      : [deleteAttribute(written.file, written.attribute)];
  }
  const inside = { ...scope, file: written.file };
  return putBack(written.attribute.value, [], inOrder(site, name, schema, want), inside, "source", before);
};

const insertion = ({ placed, scope }: AttributeSite, name: string, want: Json): readonly Edit[] => {
  if (isEmpty(want))
    return refuse("the code leaves it out, and the live value is empty: there is nothing to write");
  refuseForeign(scope.module, placed.file.path);
  if (isJsonFile(placed.file)) return setInJson(placed.file, placed.block.start, [name], want);
  const { text } = placed.file;
  const value = renderArgument(want, `${indentAt(text, placed.block.start)}  `, newlineOf(text));
  return [insertAttribute(placed, name, value)];
};

/** The author's order of a set stays. */
const inOrder = (
  { placed, scope }: AttributeSite,
  name: string,
  schema: AttributeSchema,
  want: Json,
): Json => {
  const written = attributeOf(placed, name);
  if (kindOf(schema) !== "set" || !written || !Array.isArray(want)) return want;
  return orderedLike(want, evaluate(written.attribute.value, { ...scope, file: written.file }));
};

/** At the source, but in a variable file that no other workspace is given. */
const ownWay = (site: AttributeSite, name: string, schema: AttributeSchema, want: Json): Way => ({
  name: "source",
  edits: () => writtenEdits(site, name, schema, want, "own"),
});

/** Where the code sets it already. */
const writtenEdits = (
  site: AttributeSite,
  name: string,
  schema: AttributeSchema,
  want: Json,
  reach: "own" | "here",
  before?: Json,
): readonly Edit[] => {
  const written = attributeOf(site.placed, name) ?? refuse("the code does not set it");
  if (want === null) return refuse("there is nothing to write");
  const value = inOrder(site, name, schema, want);
  return putBack(written.attribute.value, [], value, { ...site.scope, file: written.file }, reach, before);
};

/** In place of the whole expression, whatever it was: the last form that says the same for every instance. */
const literalEdits = (
  site: AttributeSite,
  name: string,
  schema: AttributeSchema,
  want: Json,
): readonly Edit[] => {
  const { file, attribute } = attributeOf(site.placed, name) ?? refuse("the code does not set it");
  refuseForeign(site.scope.module, file.path);
  if (isEmpty(want)) return refuse("there is nothing to write");
  const { value } = attribute;
  // Where parts are secret, none may come to stand in the code.
  if (/\bsensitive\b/.test(file.text.slice(value.start, value.end)))
    return refuse("the expression is marked as sensitive");
  const written = inOrder(site, name, schema, want);
  if (isJsonFile(file)) return setInJson(file, value.start, [], written);
  if (!isKnown(written)) return refuse("the value is not known");
  if (value.kind === "template" && value.heredoc)
    return [replaced(file, value, render(written, indentAt(file.text, attribute.start)))];
  return [
    replaced(
      file,
      value,
      renderArgument(written, indentAt(file.text, attribute.start), newlineOf(file.text)),
    ),
  ];
};
