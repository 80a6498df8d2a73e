import type { ErrorCode } from "../model/error-codes.ts";
import { PlumblineError } from "../model/errors.ts";

export type ForgeCode = Extract<ErrorCode, `forge-${string}`>;

/** What went wrong with one request, told without its headers and body. */
export interface Failure {
  /** What was asked about, such as `acme/infra`. */
  readonly about: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly said: string;
  readonly method: string;
  readonly path: string;
}

/** A failed request in our words. */
export const giteaError = ({ about, status, said, method, path }: Failure): PlumblineError => {
  const code = codeOf(status);
  const text = `${SENTENCES[code](about)}${said === "" ? "" : ` It says: ${firstLine(said)}`}`;
  return new PlumblineError(code, text, { detail: { status, method, path } });
};

export const isForgeError = (thrown: unknown, ...codes: readonly ForgeCode[]): boolean =>
  thrown instanceof PlumblineError && (codes as readonly ErrorCode[]).includes(thrown.code);

/** 412 is Gitea's answer to a change that the present state does not allow; below 400 came what no API sends. */
const codeOf = (status: number): ForgeCode => {
  if (status === 404) return "forge-not-found";
  if ([405, 409, 412].includes(status)) return "forge-conflict";
  if (status === 429) return "forge-rate-limited";
  return status >= 400 && status < 500 ? "forge-refused" : "forge-unavailable";
};

const SENTENCES: Readonly<Record<ForgeCode, (about: string) => string>> = {
  "forge-unavailable": (about) => `Gitea does not answer for ${about}.`,
  "forge-rate-limited": (about) => `Gitea takes no more requests for ${about} for now.`,
  "forge-refused": (about) => `Gitea refuses what was asked of ${about}.`,
  "forge-not-found": (about) => `Gitea does not find what was asked of ${about}.`,
  "forge-conflict": (about) => `Gitea cannot do that to ${about} as it stands.`,
};

const firstLine = (text: string): string => (text.trim().split("\n", 1)[0] ?? "").slice(0, 300);
