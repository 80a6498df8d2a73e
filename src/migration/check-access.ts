import type { GrantStmt, Node } from "libpg-query";
import { all, as, optionOn, optionText, settingsOf, shown, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, isNew, type Scene } from "./scene.ts";

/** Privileges, owners, roles, policies, settings of the server. */
export const checkAccess = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkGrant(as(node, "GrantStmt") ?? as(node, "AlterDefaultPrivilegesStmt")?.action ?? null, scene),
  ...checkRoleGrant(node),
  ...checkRole(node),
  ...checkOwner(node, scene),
  ...checkPolicy(node, scene),
  ...checkServer(node),
  ...checkDefiner(node),
  ...checkSetRole(node),
  ...checkPasswords(node),
];

const checkGrant = (grant: GrantStmt | null, scene: Scene): readonly Hit[] => {
  if (!grant) return [];
  const roles = all(grant.grantees, "RoleSpec");
  const name = roles
    .map(({ roletype, rolename }) => (roletype === "ROLESPEC_PUBLIC" ? "PUBLIC" : rolename))
    .join(", ");
  const rights = all(grant.privileges, "AccessPriv").map(({ priv_name = "ALL" }) => priv_name);
  const what = `${rights.length === 0 ? "ALL" : rights.join(", ")} on ${objectsOf(grant)}`;
  if (grant.is_grant !== true) return isTightening(grant, scene) ? [] : [hit("revoke", { what, name })];
  const everyone = roles.some(({ roletype }) => roletype === "ROLESPEC_PUBLIC");
  const wide =
    everyone ||
    grant.grant_option === true ||
    (rights.length === 0 && grant.targtype === "ACL_TARGET_ALL_IN_SCHEMA");
  return [hit(wide ? "grant-wide" : "grant", { what, name })];
};

const objectsOf = ({ targtype, objects }: GrantStmt): string => {
  const names = (objects ?? []).map((object) => {
    const range = as(object, "RangeVar");
    return range
      ? shown(range)
      : strings(as(object, "ObjectWithArgs")?.objname).join(".") || (as(object, "String")?.sval ?? "?");
  });
  if (targtype === "ACL_TARGET_DEFAULTS") return "objects to come";
  return targtype === "ACL_TARGET_ALL_IN_SCHEMA" ? `everything in ${names.join(", ")}` : names.join(", ");
};

// Taking the default rights away from something made here takes nothing from anybody.
const isTightening = ({ objects }: GrantStmt, scene: Scene): boolean =>
  (objects ?? []).length > 0 &&
  (objects ?? []).every((object) => {
    const range = as(object, "RangeVar");
    if (range) return isNew(scene, range) || isMade(scene, "view", [range.relname ?? ""]);
    const routine = as(object, "ObjectWithArgs");
    return routine !== null && isMade(scene, "function", strings(routine.objname));
  });

const checkRoleGrant = (node: Node): readonly Hit[] => {
  const grant = as(node, "GrantRoleStmt");
  if (!grant) return [];
  const what = all(grant.granted_roles, "AccessPriv")
    .map(({ priv_name }) => priv_name)
    .join(", ");
  const name = all(grant.grantee_roles, "RoleSpec")
    .map(({ rolename }) => rolename)
    .join(", ");
  if (grant.is_grant !== true) return [hit("revoke", { what: `role ${what}`, name })];
  return [hit(optionOn(grant.opt, "admin") ? "grant-wide" : "grant", { what: `role ${what}`, name })];
};

const checkRole = (node: Node): readonly Hit[] => {
  const create = as(node, "CreateRoleStmt");
  const alter = as(node, "AlterRoleStmt");
  const dropped = all(as(node, "DropRoleStmt")?.roles, "RoleSpec");
  if (dropped.length > 0)
    return [hit("change-role", { what: "Drops", name: dropped.map(({ rolename }) => rolename).join(", ") })];
  const options = create?.options ?? alter?.options;
  const name = create?.role ?? alter?.role?.rolename ?? "?";
  if (!create && !alter) return [];
  const mighty = ["superuser", "bypassrls", "isreplication"].some((option) => optionOn(options, option));
  return [
    ...(mighty ? [hit("role-superuser", { name })] : []),
    ...((optionText(options, "password") ?? "") === "" ? [] : [hit("password-in-migration", { name })]),
    hit("change-role", { what: create ? "Creates" : "Changes", name }),
  ];
};

const checkOwner = (node: Node, scene: Scene): readonly Hit[] => {
  const alter = as(node, "AlterOwnerStmt");
  const reassign = as(node, "ReassignOwnedStmt");
  if (reassign) return [hit("change-owner", { name: "everything that a role owns" })];
  if (!alter) return [];
  const parts = within(alter.object, "String")
    .map(({ sval }) => sval ?? "")
    .reverse();
  if (["type", "function", "schema", "view"].some((kind) => isMade(scene, kind, parts))) return [];
  return [
    hit(
      "change-owner",
      { name: alter.relation ? shown(alter.relation) : parts.join(".") || "?" },
      { lock: null },
    ),
  ];
};

const checkPolicy = (node: Node, scene: Scene): readonly Hit[] => {
  const create = as(node, "CreatePolicyStmt");
  if (create && !isNew(scene, create.table))
    return [
      hit("change-policy", { what: `Creates policy ${create.policy_name ?? ""}`, name: shown(create.table) }),
    ];
  const alter = as(node, "AlterPolicyStmt");
  if (alter && !isNew(scene, alter.table))
    return [
      hit("change-policy", { what: `Changes policy ${alter.policy_name ?? ""}`, name: shown(alter.table) }),
    ];
  return [];
};

const checkServer = (node: Node): readonly Hit[] => {
  if (as(node, "AlterSystemStmt")) return [hit("server-setting", { name: "server" })];
  const database = as(node, "AlterDatabaseSetStmt")?.dbname ?? as(node, "AlterDatabaseStmt")?.dbname;
  if (database) return [hit("server-setting", { name: `database ${database}` })];
  const role = as(node, "AlterRoleSetStmt");
  return role ? [hit("server-setting", { name: `role ${role.role?.rolename ?? "ALL"}` })] : [];
};

const checkDefiner = (node: Node): readonly Hit[] => {
  const made = as(node, "CreateFunctionStmt");
  const changed = as(node, "AlterFunctionStmt");
  const options = made?.options ?? changed?.actions;
  if (!optionOn(options, "security")) return [];
  const path = all(options, "DefElem").some(
    ({ defname, arg }) => defname === "set" && as(arg, "VariableSetStmt")?.name === "search_path",
  );
  const name = strings(made?.funcname ?? changed?.func?.objname).join(".");
  return path ? [] : [hit("definer-search-path", { name })];
};

const checkSetRole = (node: Node): readonly Hit[] =>
  settingsOf(node)
    .filter(({ name }) => name === "role" || name === "session_authorization")
    .flatMap(({ values }) => values.slice(0, 1).filter((role) => role !== "none"))
    .map((name) => hit("set-role", { name }));

// Beside a role's own: of a foreign server, of what is replicated from, of a connection that the server opens.
const checkPasswords = (node: Node): readonly Hit[] => {
  const mapping = as(node, "CreateUserMappingStmt") ?? as(node, "AlterUserMappingStmt");
  if (optionText(mapping?.options, "password"))
    return [hit("password-in-migration", { name: mapping?.user?.rolename ?? "everybody" })];
  const conninfo = (as(node, "CreateSubscriptionStmt") ?? as(node, "AlterSubscriptionStmt"))?.conninfo;
  const called = within(node, "FuncCall")
    .filter(({ funcname }) => strings(funcname).at(-1)?.startsWith("dblink"))
    .flatMap(({ args }) => all(args, "A_Const").map(({ sval }) => sval?.sval ?? ""));
  return [conninfo ?? "", ...called].some((text) => /\bpassword\s*=\s*\S|:\/\/[^\s/@]*:[^\s/@]+@/i.test(text))
    ? [hit("password-in-migration", { name: "a connection" })]
    : [];
};
