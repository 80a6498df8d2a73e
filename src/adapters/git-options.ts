import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";

/** Who signs what Plumbline commits; a branch whose new commits all bear this e-mail as committer is ours to rebuild. */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

export interface CloneAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface GitOptions {
  /** Mirrors lie in `mirrors/`, checkouts in `worktrees/`, kept checkouts that had to make room in `rescued/`. */
  readonly root: string;
  /** URL without credentials, and the credentials apart; asked anew for every call that goes out. */
  readonly access: (repo: string) => Promise<CloneAccess>;
  /** Only PATH, proxy, certificate and SSH agent settings are taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, "now">;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly identity?: GitIdentity;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
  /** Limit for one fetch or push; 10 minutes by default. */
  readonly networkTimeoutMs?: number;
}

export const DEFAULT_IDENTITY: GitIdentity = { name: "Plumbline", email: "plumbline@plumbline.invalid" };
export const DEFAULT_NETWORK_TIMEOUT_MS = 600_000;
