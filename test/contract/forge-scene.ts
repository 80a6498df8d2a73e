import { PlumblineError } from "../../src/model/errors.ts";
import type { PullRef } from "../../src/model/pull.ts";
import type { ForgeHarness, HarnessUser } from "./forge-harness.ts";

export interface Scene {
  readonly harness: ForgeHarness;
  readonly repo: string;
  readonly user: HarnessUser;
}

export interface PullScene extends Scene {
  readonly ref: PullRef;
  readonly head: string;
}

/** Code of the error that the work fails with. */
export const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  return thrown instanceof PlumblineError ? thrown.code : `not a PlumblineError: ${String(thrown)}`;
};
