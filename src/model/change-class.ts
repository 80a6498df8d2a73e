/**
 * Reversibility of a change to durable state (seed 002, section 4): R0 none, R1 additive, R2 additive but
 * costly, R3 breaks compatibility, R4 destructive, R5 irreversible in meaning.
 */
export type ChangeClass = "R0" | "R1" | "R2" | "R3" | "R4" | "R5";

export const CHANGE_CLASSES: readonly ChangeClass[] = ["R0", "R1", "R2", "R3", "R4", "R5"];

/** The more dangerous of the given classes; R0 for none. */
export const worstClass = (classes: Iterable<ChangeClass>): ChangeClass =>
  [...classes].reduce((worst, next) => (next > worst ? next : worst), "R0" as ChangeClass);
