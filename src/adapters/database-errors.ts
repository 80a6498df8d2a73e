import { PlumblineError } from "../model/errors.ts";

/** A lost or refused connection by its own code; anything else stays as it was thrown. */
export const asDatabaseError = (thrown: unknown): unknown => {
  if (thrown instanceof PlumblineError || !isConnectionFailure(thrown)) return thrown;
  return new PlumblineError("database-unavailable", "The database does not answer.", { cause: thrown });
};

/** Two transactions stood in each other's way; the loser was rolled back and may simply begin again. */
export const isConflict = (thrown: unknown): boolean => ["40001", "40P01"].includes(codeOf(thrown));

export const isUniqueViolation = (thrown: unknown): boolean => codeOf(thrown) === "23505";

const codeOf = (thrown: unknown): string =>
  typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";

const NETWORK = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "EHOSTUNREACH",
];
// Class 08: connection; 57P0x: server stops or starts; 53300: too many connections; 28xxx: refused; 3D000: no such database.
const REFUSED = /^(?:08...|57P0.|53300|28...|3D000)$/;

const isConnectionFailure = (thrown: unknown): boolean => {
  const code = codeOf(thrown);
  if (NETWORK.includes(code) || REFUSED.test(code)) return true;
  const message = thrown instanceof Error ? thrown.message : "";
  return /Connection terminated|timeout exceeded when trying to connect/.test(message);
};
