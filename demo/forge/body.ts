import { z } from "zod";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";

/** The body as the route needs it, or GitHub's 422. */
export const bodyAs = <T>({ body }: Call, schema: z.ZodType<T>): T => {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    resource: "Request",
    field: issue.path.join("."),
    code: "invalid",
  }));
  throw new Refusal(422, "Validation Failed", errors);
};

export const newPull = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  head: z.string(),
  base: z.string(),
  draft: z.boolean().optional(),
});

export const pullChange = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  base: z.string().optional(),
  state: z.enum(["open", "closed"]).optional(),
});

export const mergeWish = z.object({
  sha: z.string().optional(),
  merge_method: z.enum(["merge", "squash", "rebase"]).default("merge"),
});

export const reviewWish = z.object({
  event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]).default("COMMENT"),
  body: z.string().default(""),
  commit_id: z.string().optional(),
  comments: z
    .array(
      z.object({
        path: z.string(),
        body: z.string(),
        line: z.int().positive(),
        side: z.literal("RIGHT"),
        start_line: z.int().positive().optional(),
        start_side: z.literal("RIGHT").optional(),
      }),
    )
    .default([]),
});

export const newIssue = z.object({ title: z.string().min(1), body: z.string().nullish() });
export const commentBody = z.object({ body: z.string() });
export const reactionBody = z.object({
  content: z.enum(["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]),
});

export const statusBody = z.object({
  state: z.enum(["pending", "success", "failure", "error"]),
  context: z.string().default("default"),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});

export const graphqlBody = z.object({
  query: z.string().includes("reviewDecision"),
  variables: z.object({ owner: z.string(), repo: z.string(), number: z.int() }),
});
