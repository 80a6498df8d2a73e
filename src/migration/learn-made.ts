import type { Node } from "libpg-query";
import { all, as, strings } from "./nodes.ts";
import { CHECKED_DOMAIN, madeKey, type Scene } from "./scene.ts";

/** Takes in which objects other than tables a statement makes, so that what follows may change them freely. */
export const learnMade = (scene: Scene, node: Node): void => {
  for (const [kind, parts] of madeBy(node)) scene.made.set(madeKey(scene, kind, parts), scene.file.index);
};

type Made = readonly [kind: string, parts: readonly string[]];

const madeBy = (node: Node): readonly Made[] => [
  ...typesMade(node),
  ...relationsMade(node),
  ...othersMade(node),
];

const typesMade = (node: Node): readonly Made[] => {
  const composite = as(node, "CompositeTypeStmt")?.typevar;
  const names = [
    as(node, "CreateEnumStmt")?.typeName,
    as(node, "CreateRangeStmt")?.typeName,
    as(node, "CreateDomainStmt")?.domainname,
  ].filter((list) => list !== undefined);
  const domain = as(node, "CreateDomainStmt");
  const checked = all(domain?.constraints, "Constraint").some(({ contype }) => contype !== "CONSTR_NULL");
  return [
    ...names.map((list): Made => ["type", strings(list)]),
    ...(checked ? [[CHECKED_DOMAIN, strings(domain?.domainname)] as const] : []),
    ...(composite ? [["type", partsOf(composite)] as const] : []),
  ];
};

const partsOf = ({ schemaname, relname }: { schemaname?: string; relname?: string }): readonly string[] =>
  [schemaname, relname].filter((part) => part !== undefined);

const relationsMade = (node: Node): readonly Made[] => {
  const view = as(node, "ViewStmt");
  const materialized = as(node, "CreateTableAsStmt");
  const sequence = as(node, "CreateSeqStmt");
  const index = as(node, "IndexStmt");
  return [
    ...(view?.view && view.replace !== true ? [["view", partsOf(view.view)] as const] : []),
    ...(materialized?.into?.rel ? [["view", partsOf(materialized.into.rel)] as const] : []),
    ...(sequence?.sequence && sequence.if_not_exists !== true
      ? [["sequence", partsOf(sequence.sequence)] as const]
      : []),
    ...(index?.idxname && index.if_not_exists !== true
      ? [["index", [index.relation?.schemaname ?? "", index.idxname].filter(Boolean)] as const]
      : []),
  ];
};

const othersMade = (node: Node): readonly Made[] => {
  const routine = as(node, "CreateFunctionStmt");
  const trigger = as(node, "CreateTrigStmt");
  const policy = as(node, "CreatePolicyStmt");
  const role = as(node, "CreateRoleStmt")?.role;
  const schema = as(node, "CreateSchemaStmt");
  const serial = all(as(node, "CreateStmt")?.tableElts, "ColumnDef")
    .filter(({ typeName }) => /^(small|big)?serial[248]?$/.test(strings(typeName?.names).at(-1) ?? ""))
    .map(
      ({ colname }): Made => ["sequence", [`${as(node, "CreateStmt")?.relation?.relname}_${colname}_seq`]],
    );
  return [
    ...(routine && routine.replace !== true ? [["function", strings(routine.funcname)] as const] : []),
    ...(trigger ? [["trigger", [trigger.trigname ?? ""]] as const] : []),
    ...(policy ? [["policy", [policy.policy_name ?? ""]] as const] : []),
    ...(role ? [["role", [role]] as const] : []),
    ...(schema?.schemaname && schema.if_not_exists !== true
      ? [["schema", [schema.schemaname]] as const]
      : []),
    ...serial,
  ];
};
