import type { Node, RenameStmt } from "libpg-query";
import { checkSequence } from "./check-sequence.ts";
import { as, shown, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, isNew, type Scene } from "./scene.ts";

/** Renames, moves, enums, domains, sequences. */
export const checkShape = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkRename(node, scene),
  ...checkEnum(node, scene),
  ...checkDomain(node, scene),
  ...checkSequence(node, scene),
];

const checkRename = (node: Node, scene: Scene): readonly Hit[] => {
  const rename = as(node, "RenameStmt");
  if (rename) return renameHits(rename, scene);
  const move = as(node, "AlterObjectSchemaStmt");
  if (!move) return [];
  const name = move.relation
    ? shown(move.relation)
    : within(move.object, "String")
        .map(({ sval }) => sval)
        .at(-1);
  return move.relation && isNew(scene, move.relation) ? [] : [hit("move-schema", { name: name ?? "?" })];
};

const renameHits = (rename: RenameStmt, scene: Scene): readonly Hit[] => {
  const { relation, renameType = "OBJECT_TABLE", subname = "" } = rename;
  if (relation && isNew(scene, relation)) return [];
  const table = shown(relation);
  if (renameType === "OBJECT_COLUMN" || renameType === "OBJECT_ATTRIBUTE")
    return [hit("rename-column", { name: `${table}.${subname}` })];
  if (renameType === "OBJECT_TABLE" || renameType === "OBJECT_FOREIGN_TABLE")
    return [hit("rename-table", { name: table })];
  if (QUIET.has(renameType)) return [];
  const parts = strings(as(rename.object, "List")?.items ?? as(rename.object, "ObjectWithArgs")?.objname);
  if (isMade(scene, MADE_AS[renameType] ?? "", parts)) return [];
  const inner = within(rename.object, "String").map(({ sval }) => sval ?? "");
  return [hit("rename-object", { name: relation ? table : inner.join(".") || subname || "?" })];
};

// Nobody names these in code that runs.
const QUIET: ReadonlySet<string> = new Set([
  "OBJECT_INDEX",
  "OBJECT_TABCONSTRAINT",
  "OBJECT_DOMCONSTRAINT",
  "OBJECT_TRIGGER",
  "OBJECT_POLICY",
  "OBJECT_RULE",
]);
const MADE_AS: Readonly<Record<string, string>> = { OBJECT_TYPE: "type", OBJECT_FUNCTION: "function" };

const checkEnum = (node: Node, scene: Scene): readonly Hit[] => {
  const { transaction } = scene.file;
  const used = within(node, "A_Const").find(({ sval }) => transaction.enumValues.has(sval?.sval ?? ""));
  const early = used ? [hit("enum-value-used-too-early", { name: `'${used.sval?.sval ?? ""}'` })] : [];
  const alter = as(node, "AlterEnumStmt");
  if (!alter) return early;
  const parts = strings(alter.typeName);
  const name = parts.join(".");
  if (isMade(scene, "type", parts)) return [];
  if (alter.oldVal) return [hit("enum-rename-value", { name })];
  transaction.enumValues.add(alter.newVal ?? "");
  if (!transaction.explicit) return [hit("enum-add-value", { name })];
  const refused = scene.version < 12;
  const why = refused
    ? "the server refuses that before version 12"
    : "the value cannot be used before it commits";
  return [
    hit("enum-add-value", { name }),
    hit("enum-add-value-in-transaction", { name, why }, refused ? { severity: "error" } : {}),
  ];
};

const checkDomain = (node: Node, scene: Scene): readonly Hit[] => {
  const alter = as(node, "AlterDomainStmt");
  if (!alter || isMade(scene, "type", strings(alter.typeName))) return [];
  const constraint = as(alter.def, "Constraint");
  const checks = alter.subtype === "C" && constraint?.skip_validation !== true;
  return checks || alter.subtype === "O"
    ? [hit("alter-domain", { name: strings(alter.typeName).join(".") })]
    : [];
};
