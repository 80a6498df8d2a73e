import type { Node } from "libpg-query";
import { all, as, optionText, shown, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, type Scene } from "./scene.ts";

/** ALTER SEQUENCE and setval. */
export const checkSequence = (node: Node, scene: Scene): readonly Hit[] => {
  const alter = as(node, "AlterSeqStmt");
  if (!alter) return checkSetval(node, scene);
  const name = shown(alter.sequence);
  if (isMade(scene, "sequence", name.split("."))) return [];
  if (optionText(alter.options, "restart") !== null) return [hit("sequence-restart", { name })];
  return checkSequenceOptions(alter.options, name);
};

/** What ALTER SEQUENCE, or ALTER COLUMN of an identity, changes of a sequence beside its counter. */
export const checkSequenceOptions = (options: readonly Node[] | undefined, name: string): readonly Hit[] => {
  const what = all(options, "DefElem").map(({ defname = "" }) => SEQUENCE_OPTIONS[defname]);
  const said = what.filter((text) => text !== undefined);
  return said.length === 0 ? [] : [hit("alter-sequence", { name, what: said.join(", ") })];
};

const SEQUENCE_OPTIONS: Readonly<Record<string, string>> = {
  as: "its type",
  increment: "its step",
  minvalue: "its least number",
  maxvalue: "its largest number",
  cycle: "whether it starts again at its end",
  cache: "how many numbers a session takes at once",
  owned_by: "with which column it is dropped",
};

// A value computed from the table is what one should do.
const checkSetval = (node: Node, scene: Scene): readonly Hit[] =>
  within(as(node, "SelectStmt"), "FuncCall")
    .filter(({ funcname, args }) => {
      const plain = as(args?.[1], "A_Const") !== null;
      return strings(funcname).at(-1) === "setval" && plain;
    })
    .map(({ args }) => as(args?.[0], "A_Const")?.sval?.sval ?? "a sequence")
    .filter((name) => !isMade(scene, "sequence", name.split(".")))
    .map((name) => hit("sequence-restart", { name }));
