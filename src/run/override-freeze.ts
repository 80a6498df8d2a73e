import { permits } from "../model/pull.ts";
import type { PlanRow } from "../ports/ledger.ts";
import type { Asked } from "./asked.ts";
import type { World } from "./world.ts";

/** Below this a person may command, yet not set a freeze aside. */
const MAY_OVERRIDE = "maintain";

/**
 * `apply --override-freeze REASON`: says that these very plans go through a freeze or a closed window, and why. Kept as
 * an approval bound to head and digest, and in the audit. Returns what to tell where the person may not.
 */
export const overrideFreeze = async (
  world: World,
  { pull, by, command }: Asked,
  plans: readonly PlanRow[],
): Promise<string | null> => {
  const said = await overrideSaid(world, { pull, by, command });
  if (said === null || "refused" in said) return said?.refused ?? null;
  const { reason } = said;
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    for (const { workspace, digest } of plans) {
      const ref = { repo: pull.repo, number: pull.number };
      const head = pull.head.sha;
      await ledger.approvals.add({
        pull: ref,
        workspace,
        kind: "override-freeze",
        by,
        head,
        digest,
        paths: [],
        at,
      });
      const details = { digest, head, pull: pull.number, reason };
      await ledger.audit.append({ at, actor: by, action: "override-freeze", subject: workspace, details });
    }
  });
  return null;
};

/** Why a command sets freezes aside, or why its author may not; null where it says nothing of that. */
export const overrideSaid = async (
  world: Pick<World, "forge">,
  { pull, by, command }: Pick<Asked, "pull" | "by" | "command">,
): Promise<{ readonly reason: string } | { readonly refused: string } | null> => {
  const reason = command.flags?.["override-freeze"];
  if (typeof reason !== "string") return null;
  if (reason.trim() === "")
    return { refused: 'Say why the freeze is set aside: `--override-freeze "REASON"`.' };
  if (!permits(await world.forge.permission(pull.repo, by), MAY_OVERRIDE))
    return {
      refused: `@${by} may not set a freeze aside: it takes \`${MAY_OVERRIDE}\` permission on the repository.`,
    };
  return { reason };
};
