import type { ForgeConfig } from "../model/config.ts";
import type { Forge } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { systemClock } from "./clock.ts";
import { createGiteaForge } from "./gitea.ts";
import { createGithubForge } from "./github.ts";

export interface ForgeParts {
  readonly log: Log;
  readonly redactor: Redactor;
  /** Told when the forge asks for patience. */
  readonly limited: (seconds: number) => void;
}

/** The forge that the server's file names. */
export const createForge = (forge: ForgeConfig, parts: ForgeParts): Forge =>
  forge.type === "github"
    ? createGithubForge({ apiUrl: forge.apiUrl, auth: forge.auth, ...parts })
    : createGiteaForge({ apiUrl: forge.apiUrl, token: forge.token, clock: systemClock, ...parts });
