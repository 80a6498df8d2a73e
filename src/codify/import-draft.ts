import { type Json, memberOf } from "../model/json.ts";
import type { RefusedPlace } from "./facts.ts";
import { type DraftFacts, type Form, type Part, partsOf } from "./import-parts.ts";
import { type Argument, alignedArguments, nestedLines } from "./import-text.ts";
import { quoted, render, renderArgument } from "./render.ts";
import { elementsOf, isWritable } from "./schema.ts";
import { secretIn } from "./secret-in.ts";
import { isEmpty, isKnown, isObject, isZero, type Value } from "./value.ts";

/** One generated block on its way to one that a reviewer would have written. */
export interface Draft {
  readonly lines: () => readonly string[];
  /** What the import found, and which texts of it a scanner takes for secrets: what must not be written is known only then. */
  readonly learn: (live: Json, secrets: ReadonlySet<string>) => void;
  /** The plan would change this: something else was tried, it is told and left so, or nothing is left to try. */
  readonly changed: (name: string, live: Json, planned: Json) => "tried" | "told" | "stuck";
  /** The engine finds one of these arguments (dotted places) invalid; false where nothing is left to try. */
  readonly invalid: (paths: readonly string[]) => boolean;
  readonly refused: readonly RefusedPlace[];
}

const BY_HAND =
  "declare a variable with sensitive = true, keep its value where secrets are kept, and set it from there";

export const createDraft = (facts: DraftFacts): Draft => {
  const parts = partsOf(facts);
  const hidden = new Set<string>();
  const ignored = new Set<string>();
  const refused = new Map<string, RefusedPlace>();
  let live: Json = null;
  let secrets = facts.secrets;
  const refuse = (path: string, reason: string): void =>
    void refused.set(path, { address: facts.address, path, reason });
  const secret = (path: string): void =>
    refuse(path, `secret, not written. By hand: ${BY_HAND}; until then ignore_changes leaves it alone`);
  for (const { name, value, secretKeys, ...part } of parts) {
    if (part.secret && !isEmpty(value)) secret(name);
    for (const key of secretKeys) {
      secret(`${name}.${key}`);
      ignored.add(`${name}[${quoted(key)}]`);
    }
  }
  return {
    lines: () => blockText(facts, parts, { hidden, ignored, live, secrets }),
    learn: (found, secretsOfIt) => {
      live = found;
      secrets = new Set([...secrets, ...secretsOfIt]);
      for (const [name, schema] of Object.entries(facts.schema.attributes ?? {}))
        if (schema.sensitive && isWritable(schema) && !isEmpty(memberOf(live, name))) secret(name);
    },
    changed: (name, before, after) => {
      const part = parts.find((one) => one.name === name);
      const own = facts.schema.attributes?.[name];
      if (part?.secret || own?.sensitive) return added(ignored, name) ? "tried" : "stuck";
      if (part && advance(part)) return "tried";
      if (!isEmpty(before) || !isZero(after)) return "stuck";
      // A delete flag or its like: no live thing has it, and code that says nothing gets the provider's own value.
      refuse(name, "it lives in the state only: the apply that imports writes the provider's default there");
      return "told";
    },
    invalid: (paths) => invalidPart(parts, hidden, paths),
    get refused() {
      return [...refused.values()];
    },
  };
};

const added = (names: Set<string>, name: string): boolean => {
  if (names.has(name)) return false;
  names.add(name);
  return true;
};

const advance = (part: Part): boolean => {
  if (part.at + 1 >= part.forms.length) return false;
  part.at += 1;
  return true;
};

const formOf = ({ forms, at }: Part): Form => forms[at] ?? "absent";

/** Of arguments that exclude each other, the one that says least goes. */
const invalidPart = (parts: readonly Part[], hidden: Set<string>, paths: readonly string[]): boolean => {
  const nested = paths.find((path) => path.includes("."));
  if (nested) return added(hidden, nested);
  const named = parts.filter(({ name }) => paths.includes(name));
  const there = named.filter((part) => formOf(part) !== "absent");
  const [victim] = there
    .filter(({ schema }) => !schema.required)
    .toSorted((one, other) => weight(one) - weight(other));
  if (victim) {
    const at = victim.forms.lastIndexOf("absent");
    if (at <= victim.at) return false;
    victim.at = at;
    return true;
  }
  if (there.length > 0) return there.some(advance);
  const missing = named.find((part) => !isEmpty(part.value));
  return missing ? advance(missing) : false;
};

const weight = ({ value, schema }: Part): number => (isZero(value) ? 0 : 2) + (schema.computed ? 0 : 1);

interface Choices {
  readonly hidden: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
  readonly live: Json;
  readonly secrets: ReadonlySet<string>;
}

const blockText = (facts: DraftFacts, parts: readonly Part[], choices: Choices): readonly string[] => {
  const args = parts.flatMap((part) => argumentOf(part, facts, choices));
  const blocks = parts.flatMap((part) => blocksOf(part, facts, choices));
  const lifecycle =
    choices.ignored.size === 0
      ? []
      : ["", "  lifecycle {", `    ignore_changes = [${[...choices.ignored].join(", ")}]`, "  }"];
  const body = [...alignedArguments(args, "  "), ...blocks, ...lifecycle];
  return [`resource "${facts.type}" "${facts.name}" {`, ...(body[0] === "" ? body.slice(1) : body), "}"];
};

const argumentOf = (
  part: Part,
  { file, reference }: DraftFacts,
  { live, secrets }: Choices,
): readonly Argument[] => {
  const { name, attribute, value } = part;
  if (!attribute) return [];
  const generated = file.text.slice(attribute.value.start, attribute.value.end);
  switch (formOf(part)) {
    case "reference":
      return [{ name, text: reference(name, value) ?? generated }];
    case "generated":
      return [{ name, text: generated }];
    case "without":
      return [{ name, text: render(without(value, part.secretKeys), "  ") }];
    case "live": {
      const found = memberOf(live, name);
      return found === null || secretIn(name, found, secrets)
        ? [{ name, text: generated }]
        : [{ name, text: renderArgument(found, "  ", "\n") }];
    }
    default:
      return [];
  }
};

const without = (value: Value, keys: readonly string[]): Json =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter(([key]) => !keys.includes(key)),
  ) as Json;

const blocksOf = (part: Part, facts: DraftFacts, { hidden, secrets }: Choices): readonly string[] => {
  const form = formOf(part);
  if (form === "blocks") return attributeBlocks(part);
  const nested = facts.schema.block_types?.[part.name];
  if (!nested || (form !== "generated" && form !== "full")) return [];
  const choices = {
    value: facts.value,
    hidden: (path: string) => hidden.has(path),
    full: form === "full",
    secret: (name: string, value: Value) => isKnown(value) && secretIn(name, value, secrets),
  };
  return part.blocks.flatMap((block) => {
    const place = { file: facts.file, block, schema: nested.block, path: part.name };
    const lines = nestedLines(place, choices, "  ");
    return lines.length === 0 ? [] : ["", ...lines];
  });
};

/** As the state holds them: an argument that a block leaves out is null there, which false is not. */
const attributeBlocks = ({ name, value }: Part): readonly string[] =>
  elementsOf(value).flatMap((item) => {
    const members = Object.entries(isObject(item) ? item : {}).filter(([, member]) => !isEmpty(member));
    const args = members.map(([key, member]) => ({ name: key, text: render(member as Json, "    ") }));
    return ["", `  ${name} {`, ...alignedArguments(args, "    "), "  }"];
  });
