import type { Actor } from "../model/alert.ts";

/** Who did it, as a few words with how sure that is. */
export const actorText = ({ who, at, action, confidence, source }: Actor): string =>
  `${who} at ${at.toISOString().slice(0, 16).replace("T", " ")} UTC (${action}; ${SURE[confidence]}, by ${source})`;

const SURE: Readonly<Record<Actor["confidence"], string>> = {
  exact: "a call on this resource",
  guess: "a guess: the last call to its service",
};
