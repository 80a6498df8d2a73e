import type { Outcome } from "../model/job.ts";
import { nothing } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import { upsertComment } from "./sticky.ts";
import type { World } from "./world.ts";

/** Answers a comment once: a retried job edits the same answer instead of writing a second one. */
export const answerComment =
  (world: World) =>
  async (job: { readonly pull: PullRef; readonly key: string; readonly body: string }): Promise<Outcome> => {
    await upsertComment(world, job.pull, job.key, world.redactor.redact(job.body));
    return nothing;
  };
