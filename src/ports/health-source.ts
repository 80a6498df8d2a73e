/** What was just applied, and what its author wants watched. */
export interface HealthQuestion {
  readonly version: 1;
  readonly repo: string;
  readonly workspace: string;
  readonly run: string;
  /** Commit of the code that was applied. */
  readonly commit: string;
  readonly changeId: string | null;
  readonly systems: readonly string[];
  /** `observability.required_metrics` of the author's word. */
  readonly metrics: readonly string[];
}

/** Something outside that knows how applications fare: a monitoring system. */
export interface HealthSource {
  /** JSON: `{"healthy": true, "metrics": {"NAME": 0.1}}`. Throws `context-failed` where there is no answer in time. */
  ask(question: HealthQuestion, signal?: AbortSignal): Promise<string>;
}
