import type { ReadPath } from "./facts.ts";
import type { Body, Expression, ExpressionOf } from "./syntax.ts";
import { expressionsIn } from "./walk.ts";

/**
 * The files and folders that code reads: arguments of file functions, and any text that begins with `path.module`,
 * `path.root` or `path.cwd`, whatever it is given to (an archive's source folder, a local). Where a part of the path
 * is computed, what stands before it decides, up to its last slash.
 */
export const readPaths = (from: Body | Expression): ReadPath[] => {
  const found = new Map<string, ReadPath>();
  for (const expression of expressionsIn(from)) {
    const read = expression.kind === "call" ? ofCall(expression) : ofTemplate(expression);
    if (read) found.set(`${read.base}:${read.path}`, read);
  }
  return [...found.values()];
};

/** Whether a file function is given a name of which nothing is certain: it may be any file of the repository. */
export const readsUntold = (from: Body | Expression): boolean =>
  [...expressionsIn(from)].some((expression) => {
    if (expression.kind !== "call" || !READERS.test(expression.name)) return false;
    const [name] = expression.args;
    return name !== undefined && leadOf(name) === undefined;
  });

const READERS =
  /^(core::)?(file|fileexists|templatefile|filebase64|filemd5|filesha1|filesha256|filesha512|filebase64sha256|filebase64sha512)$/;

const ofCall = ({ name, args: [first, second] }: ExpressionOf<"call">): ReadPath | undefined => {
  if (!first) return undefined;
  if (READERS.test(name)) return begunBy(leadOf(first));
  if (!/^(core::)?fileset$/.test(name)) return undefined;
  const folder = begunBy(leadOf(first));
  const pattern = second && leadOf(second);
  if (!folder || !pattern || pattern.base || !pattern.whole) return folder;
  return { base: folder.base, path: `${folder.path}/${beforeWildcard(pattern.text)}` };
};

/** The folders of a pattern before its first wildcard. */
const beforeWildcard = (pattern: string): string => {
  const wild = pattern.search(/[*?[{]/);
  return wild === -1 ? pattern : pattern.slice(0, pattern.lastIndexOf("/", wild) + 1);
};

const ofTemplate = (expression: Expression): ReadPath | undefined => {
  if (expression.kind !== "template") return undefined;
  const lead = leadOf(expression);
  // `path.module` alone in a text is more often a tag than a file.
  return lead?.base && lead.text.startsWith("/") ? begunBy(lead) : undefined;
};

interface Lead {
  readonly base: ReadPath["base"] | null;
  /** What is certain of the path after its base. */
  readonly text: string;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

const leadOf = (expression: Expression): Lead | undefined => {
  if (expression.kind === "parentheses") return leadOf(expression.inner);
  if (expression.kind === "literal")
    return typeof expression.value === "string"
      ? { base: null, text: expression.value, whole: true }
      : undefined;
  const base = baseOf(expression);
  if (base) return { base, text: "", whole: true };
  if (expression.kind !== "template") return undefined;
  const [first] = expression.parts;
  const start = first && "expression" in first ? baseOf(first.expression) : null;
  const parts = start ? expression.parts.slice(1) : expression.parts;
  const computed = parts.findIndex((part) => "expression" in part);
  const certain = computed === -1 ? parts : parts.slice(0, computed);
  const text = certain.map((part) => ("text" in part ? part.text : "")).join("");
  if (!start && text === "") return undefined;
  return { base: start, text, whole: computed === -1 };
};

const baseOf = (expression: Expression): ReadPath["base"] | null => {
  if (expression.kind !== "traversal" || expression.root !== "path") return null;
  const [step] = expression.steps;
  if (!step || !("attribute" in step)) return null;
  if (step.attribute === "module") return "module";
  return step.attribute === "root" || step.attribute === "cwd" ? "root" : null;
};

const begunBy = (lead: Lead | undefined): ReadPath | undefined => {
  if (!lead) return undefined;
  const text = lead.whole ? lead.text : lead.text.slice(0, lead.text.lastIndexOf("/") + 1);
  const path = lead.base ? text.replace(/^\/+/, "") : text;
  // A file of the machine is no file of the repository.
  if (path.startsWith("/") || path.startsWith("~")) return undefined;
  if (lead.text === "" && !lead.base) return undefined;
  return { base: lead.base ?? "root", path: path === "" ? "." : path };
};
