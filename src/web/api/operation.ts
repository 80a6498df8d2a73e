import type { z } from "zod";
import type { Evidence } from "../../config/evidence-schema.ts";
import type { AccessRole } from "../../model/access.ts";
import type { ChannelView } from "../../model/alert.ts";
import type { Setting } from "../../model/config.ts";
import type { FreezeSwitch } from "../../model/governance.ts";
import type { PolicySetView } from "../../model/policy.ts";
import type { LogPart, LogWish } from "../../model/run-log.ts";
import type { EvidenceCopy } from "../../ports/evidence-copy.ts";
import type { ReadModel, Scope } from "../../ports/read-model.ts";

/** What a question needs, wherever it is asked: over HTTP, in a terminal, on a page. */
export interface AskWorld extends Scope {
  readonly read: ReadModel;
  /** A part of a run's log, redacted; null where there is none. */
  readonly log: (run: string, wish: LogWish) => Promise<LogPart | null>;
  readonly settings: readonly Setting[];
  readonly now: () => Date;
  readonly channels: () => Promise<readonly ChannelView[]>;
  /** With what rules said of the workspaces that these patterns cover. */
  readonly policies: (visible: readonly string[]) => Promise<readonly PolicySetView[]>;
  /** The bundle of a run with the audit that speaks of it; null where there is none. */
  readonly evidence: (run: string) => Promise<EvidenceCopy<Evidence> | null>;
  /** Keeps for the audit that somebody was given it. */
  readonly evidenceGiven: (by: string, copy: EvidenceCopy<Evidence>) => Promise<void>;
  /** The first word of comments that ask for something; `plumbline` where left out. */
  readonly trigger?: string;
  /** Null: they cannot be read, and everything is frozen. */
  readonly freezes: () => Promise<readonly FreezeSwitch[] | null>;
}

/** One question: its address below /api/v1, what it takes, what it answers, and which role it takes. */
export interface Operation<Query extends z.ZodObject = z.ZodObject, Answer extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly path: string;
  readonly about: string;
  readonly role: AccessRole;
  /** `all`: for who holds the role on the whole service. `scope`: everybody sees what is theirs. `one`: the key of one workspace decides, looked up by `workspaceOf`. */
  readonly reach: "all" | "scope" | "one";
  readonly query: Query;
  readonly answer: Answer;
  /** Whose matter it is, asked before an answer that costs much: nobody else has it made. */
  readonly workspaceNamed?: (world: AskWorld, id: string) => Promise<string>;
  /** Of what `path` names; `not-found` where there is no such thing. */
  readonly ask: (world: AskWorld, given: z.infer<Query> & { readonly id: string }) => Promise<unknown>;
  /** Whose matter an answer to a question of reach `one` is. */
  readonly workspaceOf?: (answer: never) => string;
  /** What must be kept before somebody, who may, gets the answer. */
  readonly given?: (world: AskWorld, by: string, answer: never) => Promise<void>;
}
