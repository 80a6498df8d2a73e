import type { PlannedAction } from "../model/plan.ts";

/**
 * One word for the engine's list of actions. Any pair of create with delete or forget is a replace; a move and an
 * import show only where nothing else happens; what no engine is known to write is `unknown`, never harmless.
 */
export const plannedAction = (
  actions: readonly string[],
  entry: { readonly mode: string; readonly moved: boolean; readonly importing: boolean },
): PlannedAction => {
  const [first, second] = actions;
  if (actions.length === 1 && first !== undefined) return single(first, entry);
  if (actions.length === 2 && isReplace(first, second)) return "replace";
  return "unknown";
};

const single = (
  action: string,
  entry: { readonly mode: string; readonly moved: boolean; readonly importing: boolean },
): PlannedAction => {
  if (action === "no-op") return entry.moved ? "move" : entry.importing ? "import" : "no-op";
  if (action === "open" && entry.mode === "ephemeral") return "read";
  return PLAIN.find((known) => known === action) ?? "unknown";
};

const PLAIN: readonly PlannedAction[] = ["create", "update", "delete", "forget", "read"];

const isReplace = (first: string | undefined, second: string | undefined): boolean =>
  (first === "create" && (second === "delete" || second === "forget")) ||
  (second === "create" && (first === "delete" || first === "forget"));
