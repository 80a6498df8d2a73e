import { AsyncLocalStorage } from "node:async_hooks";

/** What the work at hand belongs to. Whatever is logged, stored as a job or begun as a run while it goes on says so. */
export interface Trail {
  /** What came from outside: a webhook's delivery (`github:ID`), or a request to the API (`req_...`). */
  readonly request?: string;
  readonly job?: string;
  readonly run?: string;
}

const current = new AsyncLocalStorage<Trail>();

export const trail = (): Trail => current.getStore() ?? {};

/** Does the work as a part of what is at hand and of this. */
export const along = <T>(more: Trail, work: () => T): T => current.run({ ...trail(), ...more }, work);
