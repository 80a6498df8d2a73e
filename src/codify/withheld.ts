import type { Edit } from "../hcl/edit.ts";
import { isExactNumber, isJsonObject, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { isMarkedAt, isMarkedWithin, valueAt } from "../model/value-diff.ts";
import type { Change, DriftedResource, InstanceWish, Way } from "./facts.ts";
import { SENSITIVE } from "./reasons.ts";
import { refuse } from "./refusal.ts";
import { secretIn } from "./secret-in.ts";
import { isSame, scalarText } from "./value.ts";

/** Whether what changed at a path is marked as sensitive, or holds a part that is and that changed or moved. */
export const isSensitiveChange = ({ sensitive, actual, desired }: DriftedResource, path: Path): boolean =>
  sensitive.some((marks) => {
    if (isMarkedAt(marks, path)) return true;
    if (!isMarkedWithin(marks, path)) return false;
    const [live, ours] = [valueAt(actual, path) ?? null, valueAt(desired, path) ?? null];
    // In a list of another length nobody knows which member a mark speaks of.
    if (Array.isArray(live) && Array.isArray(ours) && live.length !== ours.length) return true;
    const mark = valueAt(marks, path) ?? null;
    return !isSame(markedParts(mark, live), markedParts(mark, ours));
  });

/** What stands at the marked places, in order. */
const markedParts = (marks: Json, value: Json): Json[] => {
  if (marks === true) return [value];
  if (Array.isArray(marks))
    return marks.flatMap((mark, index) => markedParts(mark, valueAt(value, [index]) ?? null));
  if (!isJsonObject(marks)) return [];
  return Object.entries(marks).flatMap(([name, mark]) => markedParts(mark, valueAt(value, [name]) ?? null));
};

/** Texts that no edit may bring into a file: marked as sensitive or looking like a secret, in any state of an attribute. */
export const withheldIn = (
  { recorded, actual, desired, sensitive, secrets }: DriftedResource,
  name: string,
): readonly string[] => {
  const states = [recorded, actual, desired].map((state) => valueAt(state, [name]) ?? null);
  const marked = sensitive.flatMap((marks) =>
    states.flatMap((state) => markedParts(marks === true ? true : (valueAt(marks, [name]) ?? null), state)),
  );
  const texts = [...marked.flatMap(scalarsIn), ...states.flatMap((state) => secretsIn(name, state, secrets))];
  return [...new Set(texts)].filter((text) => !/^(true|false|)$/.test(text));
};

const scalarsIn = (value: Json): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(scalarsIn);
  if (isJsonObject(value) && !isExactNumber(value)) return Object.values(value).flatMap(scalarsIn);
  return [scalarText(value) ?? ""];
};

const secretsIn = (key: string, value: Json, known?: ReadonlySet<string>): readonly string[] => {
  if (typeof value === "string") return secretIn(key, value, known) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(key, item, known));
  if (!isJsonObject(value) || isExactNumber(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => secretsIn(name, member, known));
};

/** The change, whose ways are closed where they would bring one of these texts to a place that has it not. */
export const withholding = (change: Change, texts: readonly string[]): Change =>
  texts.length === 0 ? change : { ...change, ways: change.ways.map((way) => guarded(way, texts)) };

const guarded = (way: Way, texts: readonly string[]): Way => ({
  name: way.name,
  edits: () => {
    const made = way.edits();
    if (!("place" in made)) return refuseTelling(made, texts);
    const join: InstanceWish["join"] = (wishes) => refuseTelling(made.join(wishes), texts);
    return { ...made, join };
  },
});

const refuseTelling = (edits: readonly Edit[], texts: readonly string[]): readonly Edit[] =>
  edits.some((edit) => texts.some((text) => tells(edit, text)))
    ? refuse(`a part of it is ${SENSITIVE}`)
    : edits;

const tells = ({ file, start, end, text }: Edit, secret: string): boolean =>
  holds(text, secret) && !holds(file.text.slice(start, end), secret);

const holds = (text: string, secret: string): boolean => {
  const folded = bare(text);
  return (
    text.includes(secret) ||
    [secret, Buffer.from(secret).toString("base64")].some(
      (one) => bare(one) !== "" && folded.includes(bare(one)),
    )
  );
};

/** Without escapes, quotes, indents and whatever else a notation may add. */
const bare = (text: string): string =>
  text
    .replaceAll(/\\u[0-9a-f]{4}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(2), 16)))
    .replaceAll(/\\[nrt]/g, "")
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
