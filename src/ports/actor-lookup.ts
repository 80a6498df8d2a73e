import type { Actor } from "../model/alert.ts";

/** Something that was changed outside of Git, as an audit log knows it. */
export interface ActorQuestion {
  readonly workspace: string;
  readonly address: string;
  /** Resource type, such as `aws_db_instance`. */
  readonly type: string;
  /** Ids, names and ARNs of the live resource. */
  readonly names: readonly string[];
  /** Between the last look that did not see the change and the one that did. */
  readonly from: Date;
  readonly to: Date;
}

/** An audit log of a cloud. Null where it holds nothing that fits; a throw is told in the log and changes nothing. */
export interface ActorLookup {
  readonly name: string;
  /** Whether resources of this type are in this log at all. */
  covers(type: string): boolean;
  find(question: ActorQuestion, signal: AbortSignal): Promise<Actor | null>;
}
