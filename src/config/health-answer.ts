import { z } from "zod";
import { PlumblineError } from "../model/errors.ts";

const answer = z.strictObject({
  healthy: z.boolean(),
  metrics: z.record(z.string(), z.number()).optional(),
});

export interface HealthFound {
  readonly healthy: boolean | null;
  readonly metrics: Record<string, number>;
  /** Of those that were asked for: the ones that it does not tell. */
  readonly missing: string[];
  readonly problem: string | null;
}

/** Reads what the health command printed. Throws `context-failed` where it is something else. */
export const readHealth = (text: string, wanted: readonly string[]): HealthFound => {
  const parsed = answer.safeParse(jsonOrNull(text));
  if (!parsed.success)
    throw new PlumblineError(
      "context-failed",
      'The command for application health printed no JSON of the form {"healthy": true, "metrics": {"NAME": 0.1}}.',
    );
  const { healthy, metrics = {} } = parsed.data;
  return { healthy, metrics, missing: wanted.filter((name) => !(name in metrics)), problem: null };
};

const jsonOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
