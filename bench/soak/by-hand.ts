import type { FollowUp } from "../../src/model/job.ts";
import type { SoakWorkspace } from "./code.ts";
import type { Facts } from "./service-program.ts";
import type { SoakStage } from "./stage.ts";

const TYPE = "aws_iam_role";

interface Change {
  readonly workspace: SoakWorkspace;
  readonly id: string;
  readonly value: string;
}

/** Somebody changes things in the cloud's console; the service must find each. */
export const byHand = ({ cloud, forge, replica }: SoakStage) => {
  const changes = new Map<string, Change>();
  let slot = 0;
  const live = (id: string): unknown => cloud.read().resources[TYPE]?.[id]?.["description"];
  const keyOf = ({ repo, dir }: SoakWorkspace): string => `${repo}//${dir}#default`;
  return {
    /** False where the workspace has nothing yet that could be changed. */
    change: (workspace: SoakWorkspace): boolean => {
      const ids = Object.keys(cloud.read().resources[TYPE] ?? {});
      const id = ids.find((one) => one.startsWith(`${workspace.dir}-`));
      if (id === undefined) return false;
      const value = `by hand ${changes.size + 1}`;
      cloud.set(TYPE, id, { description: value });
      changes.set(id, { workspace, id, value });
      return true;
    },
    /** Looks for drift, as the schedule does. */
    look: async (at: readonly SoakWorkspace[]): Promise<void> => {
      slot += 1;
      const jobs: FollowUp[] = at.map((one) => ({
        job: { kind: "drift", workspace: keyOf(one), slot: `soak-${slot}` },
      }));
      await replica.ask({ ask: "jobs", jobs });
    },
    /** Still there, not in the code, and no finding of it. */
    untold: async ({ openFindings }: Facts): Promise<readonly string[]> => {
      const untold: string[] = [];
      for (const { workspace, id, value } of changes.values()) {
        const change = id.slice(workspace.dir.length + 1);
        const code = await forge.read(workspace.repo, "main", `${workspace.dir}/${change}.tf`);
        const found = openFindings.some(
          (one) => one.workspace === keyOf(workspace) && one.address === `${TYPE}.${change}`,
        );
        if (live(id) === value && code !== null && !code.includes(value) && !found)
          untold.push(`changed by hand and not told: ${id}`);
      }
      return untold;
    },
  };
};
