import type { TrailKeeper } from "../model/trail.ts";

/** Static text, data in fields. error: our bug. warn: look later. info: a user's mistake, or what happened. */
export interface Log extends TrailKeeper {
  debug(text: string, fields?: object): void;
  info(text: string, fields?: object): void;
  warn(text: string, fields?: object): void;
  error(text: string, fields?: object): void;
  child(fields: object): Log;
}
