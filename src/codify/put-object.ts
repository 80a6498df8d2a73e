import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf, ObjectElement, SourceFile } from "../hcl/syntax.ts";
import { literalKey } from "../hcl/walk.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { deleteElement, insertMember, isOnePerLine } from "./collection-surgery.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { putMemberValue } from "./put-member.ts";
import { shortText } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { type Part, rejoined } from "./rejoin.ts";
import { render, renderInline, renderKey } from "./render.ts";
import { replaced } from "./replaced.ts";
import { isObject, scalarText } from "./value.ts";

export const putObject = (
  object: ExpressionOf<"object">,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  if (path.length > 0) return putMember(object, path, want, context);
  if (want === DELETE || !isObject(want)) return putScalar(object, want, context);
  const { file } = context.scope;
  const parts: Part[] = object.elements.map((element) => {
    const name = nameOf(element, context);
    const kept = Object.hasOwn(want, name);
    return {
      start: element.start,
      end: element.end,
      edits: kept
        ? putMemberValue(element.value, [], want[name] as Json, {
            ...context,
            before: memberOf(context, name),
          })
        : null,
    };
  });
  const names = new Set(object.elements.map((element) => nameOf(element, context)));
  const fresh = Object.entries(want).filter(([name]) => !names.has(name));
  const gone = parts.some(({ edits }) => edits === null);
  const kept = object.elements.filter((_, index) => parts[index]?.edits !== null);
  if (object.elements.length === 0)
    return [replaced(file, object, filled({ ...want } as JsonObject, object, file))];
  if ((gone && !isOnePerLine(file, object.elements)) || kept.length === 0) {
    return rejoined(
      file,
      object,
      parts,
      fresh.map(([name, value]) => memberText(name, value as Json, context, object)),
      ["{ ", " }"],
    );
  }
  return [
    ...parts.flatMap(({ edits }, index) => edits ?? [deleteElement(file, object, object.elements, index)]),
    ...fresh.map(([name, value]) => insertMember(file, object, name, value as Json, kept.at(-1))),
  ];
};

/** An empty object that shares its line with what follows stays on it. */
const filled = (want: JsonObject, { start, end }: ExpressionOf<"object">, { text }: SourceFile): string => {
  const isAlone = /^[ \t]*(\r?\n|#|\/\/|$)/.test(text.slice(end));
  const indent = indentAt(text, start);
  return isAlone ? render(want, indent) : renderInline(want, indent);
};

const memberOf = ({ before }: PutContext, name: string): Json | undefined =>
  isJsonObject(before) ? before[name] : undefined;

const memberText = (
  name: string,
  value: Json,
  { scope }: PutContext,
  object: ExpressionOf<"object">,
): string => {
  return `${renderKey(name)} = ${render(value, indentAt(scope.file.text, object.start))}`;
};

const nameOf = ({ key }: ObjectElement, { scope }: PutContext): string =>
  literalKey(key) ??
  scalarText(evaluate(key, scope)) ??
  refuse(`the key ${shortText(scope.file, key)} is not known before a plan`);

const putMember = (
  object: ExpressionOf<"object">,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const [first, ...rest] = path;
  const index = object.elements.findLastIndex((element) => nameOf(element, context) === String(first));
  const element = object.elements[index];
  const { file } = context.scope;
  if (element && want === DELETE && rest.length === 0)
    return [deleteElement(file, object, object.elements, index)];
  if (element) return putMemberValue(element.value, rest, want, context);
  if (want === DELETE) return [];
  if (object.elements.length === 0)
    return [replaced(file, object, filled({ [String(first)]: nested(rest, want) }, object, file))];
  return [insertMember(file, object, String(first), nested(rest, want))];
};

/** The value with the rest of its path around it. */
const nested = (path: Path, value: Json): Json =>
  path.reduceRight<Json>(
    (inner, step) => (typeof step === "number" ? refuse("a list is missing on the way") : { [step]: inner }),
    value,
  );

const putScalar = (object: ExpressionOf<"object">, want: Want, { scope }: PutContext): readonly Edit[] => {
  if (want === DELETE || !object.elements.every(({ value }) => value.kind === "literal"))
    return refuse("an object became something else");
  return [replaced(scope.file, object, render(want, indentAt(scope.file.text, object.start)))];
};
