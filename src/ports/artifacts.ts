/** A stored object: its key and the SHA-256 of its plain bytes, kept in the ledger and never beside the object. */
export interface ArtifactRef {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Large things: plan files, logs, evidence. Encrypted at rest; a key is written once. */
export interface Artifacts {
  /** Fails with `artifact-corrupt` where the key exists with other bytes. */
  put(key: string, content: Uint8Array): Promise<ArtifactRef>;
  /** Fails with `artifact-missing` or, where the bytes don't match the reference, `artifact-corrupt`. */
  get(ref: ArtifactRef): Promise<Uint8Array>;
  delete(key: string): Promise<void>;
  /** Keys under a prefix with size in bytes and time of writing, for the janitor. */
  list(prefix: string): AsyncIterable<{ key: string; bytes: number; writtenAt: Date }>;
}
