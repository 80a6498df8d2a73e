/** What the text of a Rego module says about itself, without parsing it: enough to ask the right questions of OPA. */
export interface RegoModule {
  /** Steps of the package's path: `["terraform", "s3"]`. */
  readonly package: readonly string[];
  /** Names that look like rules which deny, warn or make exceptions; a name too many does no harm. */
  readonly rules: readonly string[];
  /** The dialect that it is most likely written in: 0 before OPA 1.0, 1 since. */
  readonly version: 0 | 1;
  /** HCP Terraform hands the plan over as `input.plan`. */
  readonly readsInputPlan: boolean;
}

/** Reads the text of one module; a module without a package (which OPA refuses) has an empty path. */
export const readRego = (text: string): RegoModule => {
  const code = withoutCommentsAndStrings(text);
  return {
    package: packageOf(text),
    rules: [...new Set([...code.matchAll(RULE)].map((match) => match[1] ?? ""))],
    version: versionOf(code),
    readsInputPlan: /\binput\.plan\b|\binput\[/.test(code),
  };
};

const RULE = /(?<![\w.])((?:deny|violation|warn|exception)(?:_\w+)?)\b(?!\()/g;

const PACKAGE = /^[ \t]*package[ \t]+([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\["(?:[^"\\\n])*"\])*)/m;

const packageOf = (text: string): readonly string[] => {
  const [, first = "", rest = ""] = PACKAGE.exec(text.replace(/^\s*#.*$/gm, "")) ?? [];
  const steps = [...rest.matchAll(/\.(\w+)|\["([^"]*)"\]/g)].map(([, name, quoted]) => name ?? quoted ?? "");
  return first === "" ? [] : [first, ...steps];
};

/**
 * In the old dialect `if` and `contains` are words only after an import of future keywords; in the new one no rule with
 * a body goes without.
 */
const versionOf = (code: string): 0 | 1 => {
  if (/^\s*import\s+rego\.v1\b/m.test(code)) return 1;
  if (/^\s*import\s+future\.keywords\b/m.test(code)) return 0;
  return /\bif\b|\bevery\b|\bcontains\s+[^\s(]|\bsome\b[^\n;}]*\bin\b/.test(code) ? 1 : 0;
};

// Strings first, so that a `#` inside of one begins no comment; line breaks stay where they were.
const TOKEN = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*/g;

const withoutCommentsAndStrings = (text: string): string =>
  text.replaceAll(TOKEN, (token) => (token.startsWith("#") ? "" : `""${token.replaceAll(/[^\n]/g, "")}`));
