import type { CredentialPhase } from "../model/isolation.ts";
import type { LentVariables } from "./engine.ts";

export interface CredentialAsk {
  readonly workspace: string;
  readonly run: string;
  readonly phase: CredentialPhase;
}

/** Credentials for one phase of one run. */
export interface LentCredentials {
  /**
   * What holds now: fetched again once the last answer is about to run out. Throws `credentials-failed`.
   */
  variables(): Promise<LentVariables>;
  /** Nothing is renewed from here on. */
  close(): void;
}

/** Where runs get their credentials; nothing is fetched before somebody asks. */
export interface Credentials {
  /** `folder` makes a private folder for files, asked for at most once. */
  lend(ask: CredentialAsk, folder: () => Promise<string>): LentCredentials;
}
