import type { PullRef } from "./pull.ts";

/**
 * What happened on a forge, in Plumbline's words: a webhook, a poll and a redelivery all become one of these.
 * It carries only what is needed to look the rest up; facts are read again from the forge when it is handled.
 */
export type ForgeEvent =
  | {
      readonly type: "pull-changed";
      readonly pull: PullRef;
      readonly head: string;
      readonly why: PullChange;
      readonly sender: string;
    }
  | {
      readonly type: "pull-closed";
      readonly pull: PullRef;
      readonly merged: boolean;
      readonly sender: string;
    }
  | {
      readonly type: "commented";
      readonly pull: PullRef;
      readonly commentId: number;
      readonly body: string;
      readonly sender: string;
      readonly senderIsBot: boolean;
    }
  | { readonly type: "reviewed"; readonly pull: PullRef; readonly sender: string }
  | {
      readonly type: "pushed";
      readonly repo: string;
      readonly branch: string;
      readonly before: string;
      readonly after: string;
      readonly sender: string;
    }
  | {
      readonly type: "merge-group";
      readonly repo: string;
      readonly head: string;
      readonly base: string;
      /** The merge queue's own branch; null where the forge does not say. */
      readonly ref: string | null;
    }
  | { readonly type: "status-requested"; readonly pull: PullRef; readonly sender: string };

export type PullChange = "opened" | "pushed" | "reopened" | "ready" | "edited";
