import type { AlertRecord, AlertThread, ChannelHealth, LiveAlert } from "../model/alert.ts";

/** What is alerted, and what was told of it where. */
export interface AlertRows {
  /** Adds or rewrites it by its id; when it opened stays as it was. */
  put(alert: AlertRecord): Promise<void>;
  get(id: string): Promise<AlertRecord | null>;
  /** Those of a workspace that are open. */
  openOf(workspace: string): Promise<readonly AlertRecord[]>;
  /** Open ones and those that ended after `since`, with the marks of their findings. */
  live(since: Date): Promise<readonly LiveAlert[]>;
  /** Of a channel: open ones and those opened after `since`. */
  threads(channel: string, since: Date): Promise<readonly AlertThread[]>;
  putThread(thread: AlertThread): Promise<void>;
  channels(): Promise<readonly ChannelHealth[]>;
  channelWorked(name: string, at: Date): Promise<void>;
  /** Its receiver is heard again, though nothing was sent. */
  channelReached(name: string): Promise<void>;
  /** True where it worked until now. */
  channelFailed(
    name: string,
    failure: { readonly error: string; readonly refused: boolean },
    at: Date,
  ): Promise<boolean>;
  /** Removes what ended before, and of channels that are not named how they fare, and what they were told before. */
  forget(before: Date, channels: readonly string[]): Promise<number>;
}
