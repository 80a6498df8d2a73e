import { applyEdits, type Edit } from "../hcl/edit.ts";
import { jsonEqual } from "../model/json.ts";
import type { Change, InstanceWish } from "./facts.ts";
import { attempt } from "./refusal.ts";

/** Which way each open change goes: an index into its `ways`. */
export type Choice = ReadonlyMap<Change, number>;

export interface Assembly {
  readonly edits: ReadonlyMap<Change, readonly Edit[]>;
  /** New texts of the edited files. */
  readonly files: ReadonlyMap<string, string>;
  /** Changes whose chosen way leads nowhere, with the reason; empty where `files` may be tried. */
  readonly blocked: ReadonlyMap<Change, string>;
}

/** Puts the chosen ways of all changes together into one edit of the files. */
export const assemble = (choice: Choice): Assembly => {
  const edits = new Map<Change, readonly Edit[]>();
  const blocked = new Map<Change, string>();
  const wishes = new Map<string, { readonly change: Change; readonly wish: InstanceWish }[]>();
  for (const [change, at] of choice) {
    const tried = attempt(() => change.ways[at]?.edits() ?? []);
    if ("reason" in tried) blocked.set(change, tried.reason);
    else if (!isWish(tried.value)) keep(change, tried.value, edits, blocked);
    else
      wishes.set(tried.value.place, [
        ...(wishes.get(tried.value.place) ?? []),
        { change, wish: tried.value },
      ]);
  }
  for (const together of wishes.values()) {
    const tried = attempt(() => together[0]?.wish.join(distinct(together.map(({ wish }) => wish))) ?? []);
    for (const { change } of together) {
      if ("reason" in tried) blocked.set(change, tried.reason);
      else keep(change, tried.value, edits, blocked);
    }
  }
  if (blocked.size === 0) for (const change of clashing(edits)) blocked.set(change, CLASH);
  if (blocked.size > 0) return { edits, files: new Map(), blocked };
  const files = applyEdits([...edits.values()].flat());
  if (files) return { edits, files, blocked };
  return { edits, files: new Map(), blocked: new Map([...edits.keys()].map((change) => [change, CLASH])) };
};

const CLASH = "other changes need different text at the same place";

/** Members of one map may all wish the whole. */
const distinct = (wishes: readonly InstanceWish[]): readonly InstanceWish[] =>
  wishes.filter(({ key, value }, index) =>
    wishes.slice(0, index).every((one) => one.key !== key || !jsonEqual(one.value, value)),
  );

export const isWish = (made: readonly Edit[] | InstanceWish): made is InstanceWish => "place" in made;

const keep = (
  change: Change,
  made: readonly Edit[],
  edits: Map<Change, readonly Edit[]>,
  blocked: Map<Change, string>,
): void => {
  const real = made.filter(({ file, start, end, text }) => file.text.slice(start, end) !== text);
  if (real.length === 0)
    blocked.set(change, "the code says the live value already, as far as it can be told");
  else if (!applyEdits(real))
    blocked.set(change, "two parts of the change need different text at the same place");
  else edits.set(change, real);
};

const clashing = (edits: ReadonlyMap<Change, readonly Edit[]>): ReadonlySet<Change> => {
  const all = [...edits].flatMap(([change, own]) => own.map((edit) => ({ change, edit })));
  const found = new Set<Change>();
  const byFile = Map.groupBy(all, ({ edit }) => edit.file);
  for (const here of byFile.values()) {
    const sorted = here.toSorted((one, other) => one.edit.start - other.edit.start);
    for (const [index, one] of sorted.entries()) {
      for (const other of sorted.slice(index + 1)) {
        if (other.edit.start > one.edit.end) break;
        if (!areApart(one.change, one.edit, other.change, other.edit)) {
          found.add(one.change);
          found.add(other.change);
        }
      }
    }
  }
  return found;
};

const areApart = (one: Change, first: Edit, other: Change, second: Edit): boolean => {
  if (one === other) return true;
  if (first.start === second.start && first.end === second.end && first.text === second.text) return true;
  if (first.start === first.end && second.start === second.end) {
    // Insertions side by side: fine, unless both would name the same thing.
    if (first.start !== second.start) return true;
    if (one.address === other.address && one.attribute === other.attribute) return true;
    const [name, otherName] = [nameIn(first.text), nameIn(second.text)];
    return name !== null && otherName !== null && name !== otherName;
  }
  return first.end <= second.start || second.end <= first.start;
};

/** What an insertion names: an argument, a member, a block by its label. */
const nameIn = (text: string): string | null => {
  const [, name, label] = /^[\s,]*"?([\w-]+)"?\s*(?:[=:{]|"([^"]+)")/.exec(text) ?? [];
  return label ?? name ?? null;
};
