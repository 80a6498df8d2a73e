import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { openRoot, plainScope, type Scope } from "../../src/codify/configuration.ts";
import { evaluate } from "../../src/codify/evaluate.ts";
import { DELETE, type Reach } from "../../src/codify/put.ts";
import { putBack } from "../../src/codify/put-back.ts";
import { attempt } from "../../src/codify/refusal.ts";
import type { Value } from "../../src/codify/value.ts";
import { applyEdits } from "../../src/hcl/edit.ts";
import type { Expression } from "../../src/hcl/syntax.ts";
import type { Json } from "../../src/model/json.ts";
import type { Path } from "../../src/model/path.ts";

export const parse = await loadHcl();

export { DELETE };

/** The attribute `x` of the first block that has one, in `main.tf` of these files. */
export const attributeX = (
  files: Readonly<Record<string, string>>,
): { expression: Expression; scope: Scope } => {
  const root = openRoot({
    parse,
    files: new Map(Object.entries(files)),
    dir: ".",
    installed: new Map(),
    varFiles: Object.keys(files).filter((path) => path.includes(".tfvars")),
    variables: {},
  });
  const file = root.files.find(({ path }) => path === "main.tf") ?? fail("no main.tf");
  if (file.problems.length > 0) fail(JSON.stringify(file.problems));
  const found = file.body.blocks.flatMap(({ body }) => body.attributes).find(({ name }) => name === "x");
  return { expression: found?.value ?? fail("no x"), scope: plainScope(root, file) };
};

const fail = (message: string): never => {
  throw new Error(message);
};

export const valueOfX = (files: Readonly<Record<string, string>>): Value => {
  const { expression, scope } = attributeX(files);
  return evaluate(expression, scope);
};

/** The files after `x` was given another value, or the reason why not. */
export const withX = (
  files: Readonly<Record<string, string>>,
  want: Json | typeof DELETE,
  { path = [], reach = "source" }: { readonly path?: Path; readonly reach?: Reach } = {},
): Readonly<Record<string, string>> | string => {
  const { expression, scope } = attributeX(files);
  const tried = attempt(() => putBack(expression, path, want, scope, reach));
  if ("reason" in tried) return tried.reason;
  const edited = applyEdits(tried.value);
  return edited ? { ...files, ...Object.fromEntries(edited) } : "the edits overlap";
};

/** `x = <text>` in a resource, among other things. */
export const resource = (text: string, more = ""): Readonly<Record<string, string>> => ({
  "main.tf": `resource "a" "b" {\n  before = 1\n  x = ${text} # tail\n  after = "z"\n}\n${more}`,
});
