/** The one gate for text that leaves: log, comment, status, page, artifact, alert, error. */
export interface Redactor {
  /** Replaces every known secret and every pattern that looks like one by `(redacted)`. */
  redact(text: string): string;
  /** Teaches it a value from now on (a token, an environment value, a sensitive variable). Shorter than 6 characters: ignored. */
  learn(secret: string): void;
}
