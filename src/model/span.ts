/** What a span says of its work; texts pass the redactor on their way out. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** One piece of work with its beginning and end, as a trace shows it. */
export interface Span {
  add(facts: SpanFacts): void;
  /** `code`: of an error, or a word; what was written stays out of traces. */
  failed(code: string): void;
}

/** Who keeps spans. */
export interface SpanKeeper {
  /** Does the work as a span below the one at hand; a throw ends it as failed. */
  span<T>(name: string, facts: SpanFacts, work: (span: Span) => Promise<T>): Promise<T>;
}

const NO_SPAN: Span = { add: () => {}, failed: () => {} };

/** Does the work as a span where somebody keeps them, and just the same where nobody does. */
export const inSpan = <T>(
  keeper: SpanKeeper | undefined,
  name: string,
  facts: SpanFacts,
  work: (span: Span) => Promise<T>,
): Promise<T> => (keeper ? keeper.span(name, facts, work) : work(NO_SPAN));
