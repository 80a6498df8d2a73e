import type { Edit } from "../hcl/edit.ts";
import type { SourceFile } from "../hcl/syntax.ts";
import { type Json, jsonEqual } from "../model/json.ts";
import { appendBlock, insertAttribute } from "./block-surgery.ts";
import type { Module, PlacedBlock } from "./configuration.ts";
import type { Way } from "./facts.ts";
import { declared, fileOfVariables, freeInput } from "./input-way.ts";
import { indentAt } from "./lines.ts";
import { refuseForeign, refuseJson } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import { render, renderArgument } from "./render.ts";
import type { AttributeSite } from "./site.ts";
import { appendToVarFile, ownVarFile } from "./var-file.ts";

/**
 * For workspaces that share the code: a new input that is handed down from farther out than the next caller, up to the
 * root's call or a variable file of this workspace alone. Its default is what all others keep. None where no other
 * workspace is known.
 */
export const outwardWays = (site: AttributeSite, name: string, want: Json): readonly Way[] => {
  const { module } = site.scope;
  if (!module.root.facts.ownVarFiles) return [];
  const callers = callersOf(module);
  const calls = callers.slice(1).map((_, index) => outward(site, name, want, callers.slice(0, index + 2)));
  return [...calls, outward(site, name, want, callers, ownVarFile(module.root))];
};

interface Caller {
  readonly call: PlacedBlock;
  readonly module: Module;
  readonly repeated: boolean;
}

/** The calls that lead to a module, the innermost first. */
const callersOf = ({ caller }: Module): readonly Caller[] => {
  if (!caller) return [];
  const { call, scope } = caller;
  return [{ call, module: scope.module, repeated: scope.instance !== null }, ...callersOf(scope.module)];
};

/** Through all these calls: into the outermost of them, or with a variable file on to the root's variable. */
const outward = (
  site: AttributeSite,
  name: string,
  want: Json,
  callers: readonly Caller[],
  varFile?: SourceFile | undefined,
): Way => ({
  name: "input",
  edits: () => {
    const last = callers.at(-1);
    const isRoots = !last || last.module.caller === null;
    const passing = varFile ? callers : callers.slice(0, -1);
    if (!varFile && (passing.length === 0 || !last))
      return refuse("this workspace has no variable file of its own");
    if (varFile && !isRoots) return refuse("the calls do not lead to the root");
    if (last?.repeated && !varFile) return refuse("the module's call is repeated");
    const { module } = site.scope;
    const input = freeInput(site, name, [module, ...passing.map((one) => one.module)]);
    for (const file of [site.placed.file, ...callers.map(({ call }) => call.file)]) {
      refuseForeign(module, file.path);
      refuseJson(file);
    }
    if (varFile) refuseForeign(module, varFile.path);
    const join = (wishes: readonly { readonly value: Json }[]): readonly Edit[] => {
      if (wishes.some(({ value }) => !jsonEqual(value, want)))
        return refuse("instances of one block need different values of one input");
      const { edits, fallback } = declared(site, name, input);
      const handed = passing.flatMap((caller) => [
        insertAttribute(caller.call, input, `var.${input}`),
        appendBlock(fileOfVariables(caller.module) ?? caller.call.file, declaration(input, fallback)),
      ]);
      return [...edits, ...handed, outermost(input, want, last, varFile)];
    };
    const through = callers.map(({ call }) => `${call.file.path}:${call.block.start}`).join(":");
    const place = `outward:${module.dir}:${site.placed.block.start}:${through}:${varFile?.path ?? ""}:${input}`;
    return { key: "", value: want, place, join };
  },
});

const declaration = (input: string, fallback: string): string =>
  `variable "${input}" {\n  default = ${fallback}\n}`;

const outermost = (
  input: string,
  want: Json,
  last: Caller | undefined,
  varFile: SourceFile | undefined,
): Edit => {
  if (varFile) return appendToVarFile(varFile, input, renderArgument(want, "", "\n"));
  if (!last) return refuse("the root has no caller");
  const { file, block } = last.call;
  return insertAttribute(last.call, input, render(want, `${indentAt(file.text, block.start)}  `));
};
