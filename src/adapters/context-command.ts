import type { ContextSource } from "../ports/context-source.ts";
import type { HealthSource } from "../ports/health-source.ts";
import { askCommand, type JsonCommandOptions } from "./json-command.ts";

export interface ContextCommandOptions extends JsonCommandOptions {
  /** How long an answer counts for the same question; a plan and the apply after it ask the same. */
  readonly keepMs: number;
  readonly now: () => Date;
}

/** A command of the operator's that says what resources hold. Answers are kept for a while, failures are not. */
export const contextCommand = (options: ContextCommandOptions): ContextSource => {
  const kept = new Map<string, { readonly until: number; readonly answer: string }>();
  return {
    async ask(question, signal) {
      const now = options.now().getTime();
      const key = JSON.stringify(question);
      for (const [old, { until }] of kept) if (until <= now) kept.delete(old);
      const known = kept.get(key);
      if (known) return known.answer;
      const answer = await askCommand(options, question, {
        about: "resource context",
        ...(signal ? { signal } : {}),
      });
      kept.set(key, { until: now + options.keepMs, answer });
      return answer;
    },
  };
};

/** A command of the operator's that says how an application fares after an apply. */
export const healthCommand = (options: JsonCommandOptions): HealthSource => ({
  ask: (question, signal) =>
    askCommand(options, question, { about: "application health", ...(signal ? { signal } : {}) }),
});
