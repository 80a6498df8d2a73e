import type { Redactor } from "../ports/redactor.ts";
import { formsOf } from "./redactor-forms.ts";
import { createNeedles } from "./redactor-needles.ts";
import { SECRET_PATTERNS, type SecretPattern } from "./redactor-patterns.ts";

export const REDACTED = "(redacted)";

/** `patterns`: more expressions whose matches never leave, beside those known for tokens and keys. */
export const createRedactor = (options: { readonly patterns?: readonly RegExp[] } = {}): Redactor => {
  const needles = createNeedles();
  const patterns = [...SECRET_PATTERNS, ...(options.patterns ?? []).map(wholeMatch)];
  return {
    learn: (secret) => {
      for (const form of formsOf(secret)) needles.add(form);
    },
    redact: (text) => patterns.reduce(withoutPattern, needles.replace(text, REDACTED)),
  };
};

const wholeMatch = (pattern: RegExp): SecretPattern => ({
  find: pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`),
  replace: () => REDACTED,
});

const withoutPattern = (text: string, { find, hint, replace }: SecretPattern): string =>
  hint?.every((word) => !text.includes(word)) ? text : text.replace(find, replace);
