import type { Node } from "libpg-query";
import { blockTexts, type WrittenText } from "./block-texts.ts";
import { isKnownFunction } from "./known-functions.ts";
import { all, as, optionText, runsNow, strings, within } from "./nodes.ts";
import { keyOfParts, type Scene, type Written } from "./scene.ts";
import type { SqlParser } from "./script.ts";

export interface InnerStatements {
  /** In the order in which they stand; those that they run themselves behind each. */
  readonly run: readonly Written[];
  /** What runs something that cannot be read before it does. */
  readonly unread: readonly string[];
  /** The server's words on PL/pgSQL that it would refuse. */
  readonly refused: readonly string[];
}

/**
 * What a statement runs that stands in a text of it: in a DO block, in the literal of an EXECUTE, in a routine that
 * this file made before and that the statement calls. What a block would do under a condition counts.
 */
export const innerStatements = (
  written: Written,
  scene: Scene,
  parse: SqlParser,
  seen: ReadonlySet<string> = new Set(),
): InnerStatements => {
  const started = startedBy(written, scene).filter(({ text }) => !seen.has(text));
  const known = new Set([...seen, ...started.map(({ text }) => text)]);
  const read = started.map((source) => ({ source, ...statementsOf(source, parse) }));
  const deeper = (one: Written): InnerStatements => innerStatements(one, scene, parse, known);
  const inner = read.flatMap(({ run }) => run.map((one) => ({ one, below: deeper(one) })));
  return {
    run: inner.flatMap(({ one, below }) => [one, ...below.run]),
    unread: [
      ...unknownCalls(written, scene),
      ...read.flatMap(({ source, whole, refused }) => (whole || refused !== undefined ? [] : [source.what])),
      ...inner.flatMap(({ below }) => below.unread),
    ],
    refused: [
      ...read.flatMap(({ refused }) => (refused === undefined ? [] : [refused])),
      ...inner.flatMap(({ below }) => below.refused),
    ],
  };
};

/** A routine's definition or a DO statement, and what it is called in a finding. */
interface Source extends Written {
  readonly what: string;
}

const startedBy = ({ text, node }: Written, scene: Scene): readonly Source[] => {
  if (as(node, "DoStmt")) return [{ text, node, what: "This DO block" }];
  return calledBy(node).flatMap((name) => {
    const routines = scene.routines.get(keyOfParts(scene, name)) ?? [];
    return routines.map((routine) => ({ ...routine, what: `Routine ${name.join(".")}` }));
  });
};

// What a routine of the target's own does, its body would have to tell, which is not here.
const unknownCalls = ({ node }: Written, scene: Scene): readonly string[] =>
  calledBy(node)
    .filter((name) => !isKnownFunction(name) && !scene.routines.has(keyOfParts(scene, name)))
    .map((name) => `${as(node, "CallStmt") ? "Procedure" : "Function"} ${name.join(".")}`);

const calledBy = (node: Node): readonly (readonly string[])[] => {
  if (!Object.keys(node).some((kind) => CALLS.has(kind)) || !runsNow(node)) return [];
  const procedure = as(node, "CallStmt")?.funccall;
  return [...(procedure ? [procedure] : []), ...within(node, "FuncCall")].map(({ funcname }) =>
    strings(funcname),
  );
};

// In these what is called runs now; a default, a view or a trigger only names it.
const CALLS: ReadonlySet<string> = new Set([
  "SelectStmt",
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "CallStmt",
  "CreateTableAsStmt",
  "CopyStmt",
  "DeclareCursorStmt",
  "ExplainStmt",
]);

interface Read {
  readonly run: readonly Written[];
  readonly whole: boolean;
  readonly refused?: string;
}

const UNREAD: Read = { run: [], whole: false };

const statementsOf = ({ text, node }: Source, parse: SqlParser): Read => {
  const routine = as(node, "CreateFunctionStmt");
  const options = as(node, "DoStmt")?.args ?? routine?.options;
  const language = optionText(options, "language")?.toLowerCase() ?? "plpgsql";
  if (routine?.sql_body) return atomic(routine.sql_body, text);
  if (language === "plpgsql") return readBlock(text, parse);
  return language === "sql" ? readText(bodyOf(options), parse) : UNREAD;
};

const bodyOf = (options: readonly Node[] | undefined): string => {
  const found = all(options, "DefElem").find(({ defname }) => defname === "as");
  return strings(as(found?.arg, "List")?.items).join("") || (as(found?.arg, "String")?.sval ?? "");
};

// RETURN and BEGIN ATOMIC hold parsed statements, one beside the other or one alone.
const atomic = (body: Node, text: string): Read => {
  const returned = as(body, "ReturnStmt")?.returnval;
  if (returned)
    return { run: [{ text, node: { SelectStmt: { targetList: [returned] } } as Node }], whole: true };
  const lists = as(body, "List")?.items ?? [];
  const nodes = lists.flatMap((list) => as(list, "List")?.items ?? [list]);
  return { run: nodes.map((node) => ({ text, node })), whole: true };
};

const readBlock = (text: string, parse: SqlParser): Read => {
  const block = parse.plpgsql(text);
  // Other refusals are about names, which the parser without a server may not know.
  if (!block.ok)
    return block.message.startsWith("syntax error") ? { ...UNREAD, refused: block.message } : UNREAD;
  const read = blockTexts(block.tree, parse).map((each) => readOne(each, parse));
  return { run: read.flatMap(({ run }) => run), whole: read.every(({ whole }) => whole) };
};

const readOne = (written: WrittenText, parse: SqlParser): Read =>
  written === null ? UNREAD : readText(written, parse);

const readText = (text: string, parse: SqlParser): Read => {
  const read = parse(text);
  return read.ok ? { run: read.nodes.map((node) => ({ text, node })), whole: true } : UNREAD;
};
