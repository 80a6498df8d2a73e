import type { PolicyAnswer, PolicyBundle, PolicyTests } from "../model/policy.ts";

export interface PolicyLimits {
  /** For one evaluation, or one run of the tests; what takes longer is an error. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates Rego in a process that has no network and no environment. Throws `policy-invalid` where the bundle does not
 * compile or a rule fails, `policy-timeout` where it takes too long, `policy-engine-missing` where there is no OPA and
 * none can be built: whoever asks must count each of these as a denial.
 */
export interface PolicyEngine {
  /** Makes the bundle ready, so that the first evaluation is as quick as the next. */
  load(bundle: PolicyBundle, namespaces?: readonly string[] | null): Promise<void>;
  /** `input` is a JSON document; `namespaces` are packages, null for all. */
  evaluate(
    bundle: PolicyBundle,
    input: string,
    namespaces: readonly string[] | null,
    limits?: PolicyLimits,
  ): Promise<PolicyAnswer>;
  /** Runs the bundle's unit tests; `read` gives the text of files that they name, null where there is none. */
  verify(
    bundle: PolicyBundle,
    limits?: PolicyLimits,
    read?: (path: string) => Promise<string | null>,
  ): Promise<PolicyTests>;
  stop(): Promise<void>;
}
