import type { GateReason } from "../model/decision.ts";
import type { ContractProof, StatefulClaim } from "../model/stateful-change.ts";
import { contractsOf } from "./durable.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/**
 * What takes an old shape away from a database comes after the window in which everybody could leave it, and with the
 * proof that nobody falls back on it.
 */
export const contractGate = ({ databases, changes, claims, now }: StatefulFacts): readonly GateReason[] => {
  if (databases !== true) return [];
  const contract = contractsOf(changes);
  if (contract.length === 0 && !isSaid(claims.claim)) return [];
  const gaps = gapsOf(claims.claim?.contract ?? null, now);
  if (gaps.length === 0) return [];
  return [
    {
      gate: "contract-too-early",
      message:
        "This takes an old shape away, and it is not shown that nobody needs it any more: once it is gone the application cannot go back.",
      wayOut: "Wait until the window is over, prove that nobody falls back, and say both:",
      details: [...gaps, ...contract.map(({ place, message }) => `${place}: ${message}`)],
      example: EXAMPLE,
    },
  ];
};

const isSaid = (claim: StatefulClaim | null): boolean => claim?.phases.includes("contract") === true;

const gapsOf = (proof: ContractProof | null, now: Date): readonly string[] => {
  const { deprecatedSince = null, windowMs = null, fallback = null } = proof ?? {};
  const over =
    deprecatedSince === null || windowMs === null ? null : new Date(deprecatedSince.getTime() + windowMs);
  return [
    ...(deprecatedSince === null ? ["contract_step.deprecated_since is missing"] : []),
    ...(windowMs === null || windowMs <= 0 ? ["contract_step.deprecation_window is missing"] : []),
    ...(over !== null && over > now ? [`the deprecation window ends on ${dayOf(over)}`] : []),
    ...fallbackGaps(fallback, deprecatedSince, now),
  ];
};

const fallbackGaps = (
  fallback: ContractProof["fallback"],
  deprecated: Date | null,
  now: Date,
): readonly string[] => {
  if (!fallback) return ["contract_step.zero_fallback is missing"];
  const { metric, zeroSince, evidence } = fallback;
  return [
    ...(metric === null ? ["contract_step.zero_fallback.metric is missing"] : []),
    ...(evidence === null ? ["contract_step.zero_fallback.evidence is missing"] : []),
    ...(zeroSince === null ? ["contract_step.zero_fallback.since is missing"] : []),
    ...(zeroSince !== null && zeroSince > now
      ? ["contract_step.zero_fallback.since lies in the future"]
      : []),
    ...(zeroSince !== null && deprecated !== null && zeroSince < deprecated
      ? ["contract_step.zero_fallback.since lies before deprecated_since: then nobody could fall back"]
      : []),
  ];
};

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

const EXAMPLE = [
  "stateful_change:",
  "  phase: contract",
  "  contract_step:",
  "    deprecated_since: <day on which the new shape was there and the old one announced as going>",
  "    deprecation_window: <how long everybody had to leave it, such as 30d>",
  "    zero_fallback:",
  "      metric: <what counts reads and writes of the old shape>",
  "      since: <day since which it has been zero>",
  "      evidence: <where that can be looked at>",
].join("\n");
