import type { Node } from "libpg-query";
import { as, shown, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, isNew, type Scene } from "./scene.ts";

/** What changes statements or sessions of others: rewrite rules, event triggers, replication, ended sessions. */
export const checkServer = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkRule(node, scene),
  ...checkEventTrigger(node),
  ...checkReplication(node),
  ...checkSessions(node),
  ...checkExecute(node),
];

const checkRule = (node: Node, scene: Scene): readonly Hit[] => {
  const made = as(node, "RuleStmt");
  if (!made || isNew(scene, made.relation)) return [];
  if (isMade(scene, "view", shown(made.relation).split("."))) return [];
  return [hit("create-rule", { name: made.rulename ?? "", table: shown(made.relation) })];
};

const checkEventTrigger = (node: Node): readonly Hit[] => {
  const name = as(node, "CreateEventTrigStmt")?.trigname ?? as(node, "AlterEventTrigStmt")?.trigname;
  return name === undefined ? [] : [hit("event-trigger", { name })];
};

const checkReplication = (node: Node): readonly Hit[] => {
  const publication = as(node, "AlterPublicationStmt");
  if (publication && publication.action !== undefined && publication.action !== "AP_AddObjects")
    return [hit("replication-change", { name: `publication ${publication.pubname ?? ""}` })];
  const subscription = as(node, "AlterSubscriptionStmt");
  if (!subscription || !CHANGES_WHAT_COMES.has(subscription.kind ?? "")) return [];
  const on = within(subscription.options, "Boolean").some(({ boolval }) => boolval === true);
  if (subscription.kind === "ALTER_SUBSCRIPTION_ENABLED" && on) return [];
  return [hit("replication-change", { name: `subscription ${subscription.subname ?? ""}` })];
};

const CHANGES_WHAT_COMES: ReadonlySet<string> = new Set([
  "ALTER_SUBSCRIPTION_ENABLED",
  "ALTER_SUBSCRIPTION_CONNECTION",
  "ALTER_SUBSCRIPTION_SET_PUBLICATION",
  "ALTER_SUBSCRIPTION_DROP_PUBLICATION",
  "ALTER_SUBSCRIPTION_SKIP",
]);

const ENDING: ReadonlySet<string> = new Set(["pg_terminate_backend", "pg_cancel_backend"]);

const checkSessions = (node: Node): readonly Hit[] =>
  within(as(node, "SelectStmt"), "FuncCall")
    .map(({ funcname }) => strings(funcname).at(-1) ?? "")
    .filter((name) => ENDING.has(name))
    .map((name) => hit("ends-sessions", { name: `${name}()` }));

// What was prepared did not count when it was, since it did not run then.
const checkExecute = (node: Node): readonly Hit[] => {
  const name = as(node, "ExecuteStmt")?.name;
  return name === undefined ? [] : [hit("dynamic-sql", { what: `EXECUTE ${name}` })];
};
