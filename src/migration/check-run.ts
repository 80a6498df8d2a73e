import type { Node } from "libpg-query";
import { all, as, optionOn, shown } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, isNew, type Scene } from "./scene.ts";
import { refusesTransaction } from "./transactional.ts";

/** Locks taken by name, upkeep that rewrites, and statements that no transaction may hold. */
export const checkRun = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkLock(node, scene),
  ...checkUpkeep(node, scene),
  ...checkTransaction(node, scene),
];

const checkLock = (node: Node, scene: Scene): readonly Hit[] => {
  const lock = as(node, "LockStmt");
  if (!lock) return [];
  const mode = LOCK_MODES[lock.mode ?? 8];
  const tables = all(lock.relations, "RangeVar").filter((table) => !isNew(scene, table));
  if (mode === undefined || tables.length === 0) return [];
  return [hit("lock-table", { name: tables.map(shown).join(", "), mode }, { lock: mode })];
};

// By PostgreSQL's numbers; the weaker ones hold up only what locks a table as a whole.
const LOCK_MODES: Readonly<
  Record<
    number,
    "SHARE UPDATE EXCLUSIVE" | "SHARE" | "SHARE ROW EXCLUSIVE" | "EXCLUSIVE" | "ACCESS EXCLUSIVE"
  >
> = { 5: "SHARE", 6: "SHARE ROW EXCLUSIVE", 7: "EXCLUSIVE", 8: "ACCESS EXCLUSIVE" };

const checkUpkeep = (node: Node, scene: Scene): readonly Hit[] => {
  const cluster = as(node, "ClusterStmt");
  if (cluster && !(cluster.relation && isNew(scene, cluster.relation)))
    return [hit("cluster", { name: cluster.relation ? shown(cluster.relation) : "every clustered table" })];
  const moved = as(node, "AlterTableMoveAllStmt")?.orig_tablespacename;
  if (moved !== undefined)
    return [hit("table-rewrite", { what: "SET TABLESPACE", name: `everything in tablespace ${moved}` })];
  const vacuum = as(node, "VacuumStmt");
  if (vacuum && optionOn(vacuum.options, "full")) {
    const tables = all(vacuum.rels, "VacuumRelation").map(({ relation }) => shown(relation));
    return [hit("vacuum-full", { name: tables.join(", ") || "every table" })];
  }
  const reindex = as(node, "ReindexStmt");
  if (
    reindex &&
    !optionOn(reindex.params, "concurrently") &&
    !(reindex.relation && isNew(scene, reindex.relation))
  )
    return [
      hit("reindex-not-concurrent", {
        name: reindex.relation ? shown(reindex.relation) : (reindex.name ?? "?"),
      }),
    ];
  const refresh = as(node, "RefreshMatViewStmt");
  const made = refresh && isMade(scene, "view", shown(refresh.relation).split("."));
  return refresh && refresh.concurrent !== true && refresh.skipData !== true && !made
    ? [hit("refresh-not-concurrent", { name: shown(refresh.relation) })]
    : [];
};

const checkTransaction = (node: Node, scene: Scene): readonly Hit[] => {
  const what = refusesTransaction(node, scene.version);
  return what !== null && scene.file.transaction.explicit
    ? [hit("concurrently-in-transaction", { what })]
    : [];
};
