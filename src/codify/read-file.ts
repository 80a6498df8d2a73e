import type { Expression, ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import { joined, type Module, type Scope, withNames } from "./configuration.ts";
import { piecesOf } from "./raw-text.ts";
import { scalarText, type Value } from "./value.ts";

type Call = ExpressionOf<"call">;
type Evaluate = (expression: Expression, scope: Scope) => Value;

/** The repository's path of the file that `file()` or `templatefile()` reads, where the code alone tells it. */
export const filePathOf = (call: Call, scope: Scope, evaluate: Evaluate): string | undefined => {
  const [path] = call.args;
  if (!path || !/^(core::)?(file|templatefile)$/.test(call.name)) return undefined;
  const text = pathText(path, scope, evaluate);
  if (text === undefined || text.path.startsWith("/")) return undefined;
  return joined(text.inModule ? scope.module.dir : scope.module.root.facts.dir, text.path);
};

/** Paths are relative to where the engine runs, which is the root module, unless they begin with `path.module`. */
const pathText = (
  path: Expression,
  scope: Scope,
  evaluate: Evaluate,
): { readonly path: string; readonly inModule: boolean } | undefined => {
  if (path.kind !== "template") {
    const text = evaluate(path, scope);
    return typeof text === "string" ? { path: text, inModule: false } : undefined;
  }
  let inModule = false;
  let text = "";
  for (const piece of piecesOf(scope.file, path)) {
    const base = piece.kind === "interpolation" ? baseOf(piece.expression) : undefined;
    if (base !== undefined && text !== "") return undefined;
    inModule ||= base === "module";
    const part =
      piece.kind === "text"
        ? piece.text
        : base === undefined
          ? scalarText(evaluate(piece.expression, scope))
          : ".";
    if (part === undefined) return undefined;
    text += part;
  }
  return { path: text, inModule };
};

const baseOf = (expression: Expression): string | undefined => {
  if (expression.kind !== "traversal" || expression.root !== "path") return undefined;
  const [step] = expression.steps;
  return step && "attribute" in step ? step.attribute : undefined;
};

/** A file of the repository that is no HCL. */
export const plainFile = ({ root }: Module, path: string): SourceFile | undefined =>
  root.facts.files.has(path) ? root.plain(path) : undefined;

/** A template file as the heredoc that means the same, and how far its text is moved by that. */
export interface TemplateFile {
  readonly template: ExpressionOf<"template">;
  readonly scope: Scope;
  readonly shift: number;
  /** Whether the heredoc has a newline at its end that the file has not. */
  readonly closed: boolean;
}

const OPENING = "text = <<PLUMBLINE_TEMPLATE\n";
const CLOSING = "PLUMBLINE_TEMPLATE\n";

/** Undefined for a file that is not known, or whose template has parts that nobody here looks into. */
export const templateFile = (call: Call, path: string, scope: Scope): TemplateFile | undefined => {
  const plain = plainFile(scope.module, path);
  const [, variables] = call.args;
  if (!plain || !variables || plain.text.includes("PLUMBLINE_TEMPLATE")) return undefined;
  const closed = !plain.text.endsWith("\n");
  const text = `${OPENING}${plain.text}${closed ? "\n" : ""}${CLOSING}`;
  const file = scope.module.root.facts.parse(`${path}#template`, text);
  const template = file.body.attributes[0]?.value;
  if (file.problems.length > 0 || template?.kind !== "template" || variables.kind !== "object")
    return undefined;
  const names = Object.fromEntries(
    variables.elements.flatMap(({ key }) => {
      const name =
        key.kind === "traversal" ? key.root : key.kind === "literal" ? String(key.value) : undefined;
      return name === undefined
        ? []
        : [[name, { kind: "place" as const, expression: variables, path: [name], scope }]];
    }),
  );
  const inside = withNames({ ...scope, file, names: new Map(), instance: null }, names);
  return { template, scope: inside, shift: OPENING.length, closed };
};
