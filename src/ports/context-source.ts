/** Which resources somebody wants to know more of; no value of them is told. */
export interface ContextQuestion {
  readonly version: 1;
  readonly repo: string;
  /** Null: of a pull request's files. */
  readonly workspace: string | null;
  readonly resources: readonly {
    readonly address: string;
    readonly type: string;
    readonly action: string;
    /** What the provider calls it, where that is no secret. */
    readonly id: string | null;
  }[];
}

/** Something outside that knows what resources hold: a catalogue, a monitoring system. */
export interface ContextSource {
  /** JSON by schemas/resource-context.schema.json. Throws `context-failed` where there is no answer in time. */
  ask(question: ContextQuestion, signal?: AbortSignal): Promise<string>;
}
