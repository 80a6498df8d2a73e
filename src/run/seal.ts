import { createHash } from "node:crypto";

/** Tells whether something is still what was said of it before: the SHA-256 of its JSON, in hexadecimal. */
export const sealOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");
