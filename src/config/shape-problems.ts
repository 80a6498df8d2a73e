import type { z } from "zod";
import type { ConfigProblem } from "../model/config.ts";
import { renderPath } from "../model/path.ts";
import { didYouMean } from "../model/similar.ts";
import { propertyOf, type Shape } from "./yaml.ts";

/** What a schema found wrong, in words for people: where, what is expected, and the key or word that was meant. */
export const shapeProblems = (error: z.ZodError, value: unknown, shape: Shape): ConfigProblem[] =>
  error.issues.flatMap((issue) => issueProblems(issue, value, shape));

type Steps = readonly (string | number)[];

const issueProblems = (issue: z.core.$ZodIssue, value: unknown, shape: Shape): ConfigProblem[] => {
  const at = issue.path.filter((step) => typeof step !== "symbol");
  const given = dig(value, at);
  const path = renderPath(at);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: renderPath([...at, key]),
        message: unknownKey(key, at, shape),
      }));
    case "invalid_type":
      return [{ path, message: wrongType(issue.expected, given) }];
    case "invalid_value":
      return [{ path, message: wrongWord(issue.values, given) }];
    case "invalid_union":
      return [{ path, message: alternatives(at, shape, given) }];
    case "too_small":
      return [
        {
          path,
          message: given === "" ? "This must not be empty." : `This must be at least ${issue.minimum}.`,
        },
      ];
    case "too_big":
      return [{ path, message: `This must be at most ${issue.maximum}.` }];
    default:
      return [{ path, message: issue.message }];
  }
};

const dig = (value: unknown, at: Steps): unknown =>
  at.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value);

const unknownKey = (key: string, at: Steps, shape: Shape): string => {
  const known = Object.keys(shapeAt(shape, at).properties ?? {});
  return `This key is not known.${didYouMean(key, known) || (known.length > 0 ? ` Known here: ${known.join(", ")}.` : "")}`;
};

const wrongType = (expected: string, given: unknown): string => {
  if (given === undefined) return "This key is required.";
  const wanted = KINDS[expected] ?? expected;
  return typeof given === "number" && wanted.endsWith("number")
    ? `This must be ${wanted}.`
    : `This must be ${wanted}, not ${kindOf(given)}.`;
};

const wrongWord = (values: readonly unknown[], given: unknown): string => {
  if (given === undefined) return `This key is required: ${values.join(" or ")}.`;
  const meant = typeof given === "string" ? didYouMean(given, values.map(String)) : "";
  return values.length === 1
    ? `This must be ${String(values[0])}.`
    : `This must be one of ${values.join(", ")}.${meant}`;
};

const alternatives = (at: Steps, shape: Shape, given: unknown): string => {
  const choices = shapeAt(shape, at).anyOf ?? [];
  const values = choices.flatMap((choice) => (choice.const === undefined ? [] : [String(choice.const)]));
  if (values.length > 0 && values.length === choices.length)
    return `${given === undefined ? "This key is required" : "This must be one of these"}: ${values.join(" or ")}.`;
  const kinds = choices.flatMap(({ type }) => type ?? []).map((type) => KINDS[type] ?? type);
  return `This must be ${[...new Set(kinds)].join(" or ") || "something else"}, not ${kindOf(given)}.`;
};

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

const kindOf = (given: unknown): string => {
  if (given === null || given === undefined) return "empty";
  if (Array.isArray(given)) return "a list";
  return KINDS[typeof given] ?? typeof given;
};

const shapeAt = (shape: Shape, at: Steps): Shape =>
  at.reduce<Shape>((inner, step) => {
    const parts = [inner, ...(inner.anyOf ?? [])];
    if (typeof step === "number") return parts.find((part) => part.items)?.items ?? {};
    const known = propertyOf(parts, step);
    const others = parts.find((part) => typeof part.additionalProperties === "object")?.additionalProperties;
    return known ?? (typeof others === "object" ? others : {});
  }, shape);
