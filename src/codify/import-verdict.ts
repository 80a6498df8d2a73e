import type { ParseHcl } from "../hcl/syntax.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Plan, ResourceChange } from "../model/plan.ts";
import { isMarkedWithin } from "../model/value-diff.ts";
import type { ImportTarget } from "./import-target.ts";
import { parseLeniently } from "./lenient-parse.ts";
import { meansSame } from "./value.ts";
import { notReproduced } from "./verdict.ts";

/** What a plan says of one import. */
export interface ImportVerdict {
  readonly live: Json;
  /** Attributes that the plan would change, with both values. */
  readonly changes: readonly { readonly name: string; readonly live: Json; readonly planned: Json }[];
  /** Why nothing in the block can mend it; null where all is well or an attribute may. */
  readonly problem: string | null;
}

/** Judges the plan of the edited code against one of the code as it was: only the imports may be new in it. */
export const judgeImports = (
  before: Plan,
  after: Plan,
  targets: readonly ImportTarget[],
): ReadonlyMap<ImportTarget, ImportVerdict> => {
  const addresses = new Set(targets.map(({ address }) => address));
  const others = notReproduced(before, after).filter((address) => !addresses.has(address));
  const elsewhere =
    others.length > 0 ? `the edited code would also change ${others.slice(0, 3).join(", ")}` : null;
  return new Map(targets.map((target) => [target, verdictOf(after, target, elsewhere)]));
};

const verdictOf = (after: Plan, { address }: ImportTarget, elsewhere: string | null): ImportVerdict => {
  const change = after.changes.find((one) => one.address === address && one.deposed === null);
  if (!change || !isJsonObject(change.importing))
    return { live: null, changes: [], problem: `the plan does not import ${address}` };
  const { before: live } = change;
  if (change.action === "import" || change.action === "no-op")
    return { live, changes: [], problem: elsewhere };
  const changes = changesOf(change);
  const problem = changes.length === 0 ? `the plan would ${change.action} it` : elsewhere;
  return { live, changes, problem };
};

const changesOf = ({ before, after, afterUnknown }: ResourceChange): ImportVerdict["changes"] => {
  const [was, will] = [isJsonObject(before) ? before : {}, isJsonObject(after) ? after : {}];
  const names = new Set([...Object.keys(was), ...Object.keys(will)]);
  return (
    [...names]
      .filter((name) => !isMarkedWithin(afterUnknown, [name]))
      .map((name) => ({ name, live: was[name] ?? null, planned: will[name] ?? null }))
      // Two texts are not the same because they mean the same: the plan writes one over the other.
      .filter(({ live, planned }) => !meansSame(live, planned))
  );
};

/**
 * The arguments (dotted places) that an engine's errors name in a resource's block: by the line in the edited file,
 * or by name in the message. One list per error.
 */
export const namedByErrors = (
  parse: ParseHcl,
  problem: string,
  { path, text }: { readonly path: string; readonly text: string },
  { at }: ImportTarget,
): readonly (readonly string[])[] => {
  const block = parseLeniently(parse, path, text).body.blocks.find(
    ({ type, labels }) => type === "resource" && labels[0] === at.type && labels[1] === at.name,
  );
  if (!block) return [];
  const base = path.split("/").at(-1) ?? path;
  const first = lineOf(text, block.start);
  const last = lineOf(text, block.close);
  return problem.split(/(?=Error: )/).flatMap((error) => {
    if (!error.startsWith("Error: ")) return [];
    const [, file = "", digits = ""] = /\bon (\S+) line (\d+)/.exec(error) ?? [];
    const line = Number(digits);
    const here = file.endsWith(base) && line >= first && line <= last;
    if (!here && !error.includes(`${at.type}.${at.name},`)) return [];
    const quoted = [...error.matchAll(/["'`]([a-z_][a-z0-9_]*)(?:\.\d+)?["'`]/g)].map(
      ([, name = ""]) => name,
    );
    const bare = [...error.matchAll(/\bconflicts with ([a-z_][a-z0-9_]*)/g)].map(([, name = ""]) => name);
    return [[...(here ? placesAt(block.body, text, line) : []), ...quoted, ...bare]];
  });
};

type Body = ReturnType<ParseHcl>["body"];

const placesAt = (body: Body, text: string, line: number): readonly string[] => {
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    lineOf(text, start) <= line && line <= lineOf(text, end);
  const attribute = body.attributes.find(holds);
  if (attribute) return [attribute.name];
  const inner = body.blocks.find(holds);
  if (!inner) return [];
  const deeper = placesAt(inner.body, text, line).map((name) => `${inner.type}.${name}`);
  return deeper.length > 0 ? deeper : [inner.type];
};

const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;
