import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import { appendBlock, insertAttribute } from "./block-surgery.ts";
import { attributeOf, findBlock, type Module } from "./configuration.ts";
import type { Way } from "./facts.ts";
import { indentAt } from "./lines.ts";
import { refuseForeign, refuseJson } from "./put-back.ts";
import { textOf } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { render } from "./render.ts";
import { replaced } from "./replaced.ts";
import type { AttributeSite } from "./site.ts";
import { table } from "./table.ts";

/** A new input of the module, whose default is what every other caller keeps. */
export const inputWay = (site: AttributeSite, name: string, want: Json): Way => ({
  name: "input",
  edits: () => {
    const { module } = site.scope;
    const caller = callerOf(site);
    const input = freeInput(site, name);
    const { instance } = caller.scope;
    const join = (wishes: readonly { readonly key: string; readonly value: Json }[]): readonly Edit[] => {
      const { edits, fallback } = declared(site, name, input);
      const indent = `${indentAt(caller.call.file.text, caller.call.block.start)}  `;
      const by = instance?.kind === "each" ? "each.key" : "count.index";
      const argument = instance
        ? `lookup(${table(wishes, indent)}, ${by}, ${fallback})`
        : render(wishes[0]?.value ?? null, indent);
      return [...edits, insertAttribute(caller.call, input, argument)];
    };
    const place = `input:${module.dir}:${site.placed.block.start}:${caller.call.file.path}:${caller.call.block.start}:${input}`;
    return { key: String(instance?.key ?? ""), value: want, place, join };
  },
});

/** The call that may be given one more argument. @throws Refusal with the reason. */
export const callerOf = ({ scope: { module, instance }, placed }: AttributeSite) => {
  const caller = module.caller ?? refuse("the root has no caller");
  if (instance) return refuse("both the module and the resource are repeated");
  for (const { path } of [placed.file, caller.call.file]) refuseForeign(module, path);
  for (const file of [placed.file, caller.call.file]) refuseJson(file);
  return caller;
};

/** A name that no variable of these modules has. @throws Refusal where the likely names are all taken. */
export const freeInput = (
  { scope: { module }, prefix }: AttributeSite,
  name: string,
  modules: readonly Module[] = [module],
): string => {
  const long = `${prefix}${name}`.replaceAll(/\[\d+\]/g, "").replaceAll(".", "_");
  const reserved = [
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "lifecycle",
    "depends_on",
    "locals",
  ];
  const free = [name, long, `${long}_override`].find(
    (one) => !reserved.includes(one) && !modules.some((each) => findBlock(each, "variable", one)),
  );
  return free ?? refuse(`the module has inputs of the names ${name} and ${long} already`);
};

/** The variable and its use. A default must be constant: where the value is computed, null means "as before". */
export const declared = (
  { placed, scope }: AttributeSite,
  name: string,
  input: string,
): { readonly edits: readonly Edit[]; readonly fallback: string } => {
  const written = attributeOf(placed, name);
  const old = written ? textOf(written.file, written.attribute.value) : "null";
  if (old.startsWith("<<")) return refuse("the module's value is a heredoc");
  const constant = !written || isConstant(written.attribute.value);
  const fallback = constant ? old : "null";
  const use = constant ? `var.${input}` : `coalesce(var.${input}, ${old})`;
  const variable = `variable "${input}" {\n  default = ${fallback}\n}`;
  const edits = [
    written ? replaced(written.file, written.attribute.value, use) : insertAttribute(placed, name, use),
    appendBlock(fileOfVariables(scope.module) ?? placed.file, variable),
  ];
  return { edits, fallback };
};

/** Where a module declares its variables; undefined where it has none. */
export const fileOfVariables = ({ files }: Module) =>
  files.find(({ path }) => /(^|\/)variables\.(tf|tofu)$/.test(path)) ??
  files.find(({ body }) => body.blocks.some(({ type }) => type === "variable"));

const isConstant = (value: Expression): boolean => {
  switch (value.kind) {
    case "literal":
      return true;
    case "template":
      return value.parts.every((part) => "text" in part);
    case "tuple":
      return value.elements.every(isConstant);
    case "object":
      return value.elements.every((element) => isConstant(element.value));
    case "unary":
      return isConstant(value.operand);
    default:
      return false;
  }
};
