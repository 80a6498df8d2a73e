/** A scanner with rules that others keep up to date. It says which texts hold a secret, never where or which. */
export interface SecretScanner {
  /** Those of the texts that hold one. Texts are judged one by one, each as a whole. */
  looksSecret(texts: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}
