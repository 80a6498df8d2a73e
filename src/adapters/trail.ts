import { AsyncLocalStorage } from "node:async_hooks";
import type { Trail } from "../model/trail.ts";

const current = new AsyncLocalStorage<Trail>();

export const trail = (): Trail => current.getStore() ?? {};

/** Does the work as a part of what is at hand and of this. */
export const along = <T>(more: Trail, work: () => T): T => current.run({ ...trail(), ...more }, work);
