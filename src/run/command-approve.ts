import type { CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { whoMayNotApprove } from "./requirements.ts";
import { publishSoon } from "./settle-run.ts";

const SHORTEST = 8;

/** `approve DIGEST`: binds this person's approval to the head and to exactly that plan. */
export const approveCommand: CommandHandler = async (world, asked) => {
  const { pull, by } = asked;
  const wanted = (asked.command.args?.[0] ?? "").replace(/^pd1:/, "");
  if (wanted.length < SHORTEST)
    return [
      reply(
        asked,
        `Name the plan's digest, at least its first ${SHORTEST} characters; the comment above shows it.`,
      ),
    ];
  const plans = await currentPlans(world.ledger, pull, await world.ledger.runs.list({ pull }));
  const named = plans.filter((plan) => plan.digest.replace(/^pd1:/, "").startsWith(wanted));
  if (named.length === 0)
    return [
      reply(
        asked,
        "No current plan of this pull request has that digest: it was made again since, or for another head. Look at the newest plan above.",
      ),
    ];
  if ((await whoMayNotApprove(world, pull)).has(by))
    return [
      reply(
        asked,
        "Whoever wrote or last pushed this pull request cannot approve its plan; ask somebody else to look at it.",
      ),
    ];
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    for (const plan of named) {
      const { workspace, digest } = plan;
      const approval = {
        pull: { repo: pull.repo, number: pull.number },
        workspace,
        kind: "approve",
        by,
        head: pull.head.sha,
        digest,
        paths: [],
        at,
      } as const;
      await ledger.approvals.add(approval);
      await ledger.audit.append({
        at,
        actor: by,
        action: "approve",
        subject: workspace,
        details: { digest, head: pull.head.sha, pull: pull.number },
      });
    }
  });
  const list = named.map((plan) => `\`${plan.workspace}\``).join(", ");
  return [
    reply(asked, `@${by} approved the plan of ${list} as shown. Comment \`plumbline apply\` to go on.`),
    publishSoon(pull),
  ];
};
