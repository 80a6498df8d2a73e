/** A gate's answer: deny wins, each reason says why and the way out. */
export interface Decision {
  readonly allowed: boolean;
  readonly reasons: readonly GateReason[];
}

export interface GateReason {
  /** Stable id such as `locked`, `silent-revert`, `not-approved`. */
  readonly gate: string;
  readonly message: string;
  /** What a person can do about it, as an imperative sentence or a command to comment. */
  readonly wayOut: string;
  readonly details?: readonly string[];
  /** YAML to paste and fill in. */
  readonly example?: string;
}

export const ALLOWED: Decision = { allowed: true, reasons: [] };
export const deny = (...reasons: readonly GateReason[]): Decision => ({ allowed: false, reasons });
