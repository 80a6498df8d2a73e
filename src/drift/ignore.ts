import type { DriftIgnore } from "../model/config.ts";
import type { Finding } from "../model/finding.ts";

export interface Ignored<F extends Finding> {
  readonly finding: F;
  readonly by: DriftIgnore;
}

/** Parts findings into those that people see and those that the configuration ignores, still in force at `now`. */
export const applyIgnore = <F extends Finding>(
  findings: readonly F[],
  rules: readonly DriftIgnore[],
  now: Date,
): { readonly findings: readonly F[]; readonly ignored: readonly Ignored<F>[] } => {
  const active = rules.filter((rule) => rule.until === null || rule.until > now);
  const ignored: Ignored<F>[] = [];
  const left = findings.filter((finding) => {
    const by = active.find((rule) => covers(rule.target, finding));
    if (by) ignored.push({ finding, by });
    return by === undefined;
  });
  return { findings: left, ignored };
};

/** Whether an ignore target (`address.path`, `*` for one step) is the finding's place or lies around it. */
export const covers = (target: string, finding: Pick<Finding, "address" | "path">): boolean => {
  const wanted = steps(target);
  const separator = finding.path === "" || finding.path.startsWith("[") ? "" : ".";
  const place = steps(`${finding.address}${separator}${finding.path}`);
  return (
    wanted.length > 0 &&
    wanted.length <= place.length &&
    wanted.every((step, index) => step === "*" || step === place[index])
  );
};

const STEP = /\[("(?:[^"\\]|\\.)*"|\d+|\*)\]|([^.[\]]+)/g;

// `tags["env"]` and `tags.env` are one place; a list position stays apart from a key of the same name.
const steps = (text: string): readonly string[] =>
  [...text.matchAll(STEP)].map(([, key, name]) => {
    if (key === undefined) return name ?? "";
    return key.startsWith('"') ? unquoted(key) : key === "*" ? "*" : `[${key}]`;
  });

const unquoted = (text: string): string => {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
};
