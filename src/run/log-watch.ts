/** Tells followers in this process that a run's log has grown; those of other replicas look by themselves. */
export interface LogWatch {
  grown(run: string): void;
  /** Resolves when the log grows after this call. */
  next(run: string): Promise<void>;
}

export const createLogWatch = (): LogWatch => {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  return {
    grown: (run) => {
      waiting.get(run)?.resolve();
      waiting.delete(run);
    },
    next: (run) => {
      const asked = waiting.get(run) ?? Promise.withResolvers<void>();
      waiting.set(run, asked);
      return asked.promise;
    },
  };
};
