import type { GateReason } from "../model/decision.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

export type FreezeFacts = Pick<
  StatefulFacts,
  "governance" | "workspace" | "switches" | "freezeOverride" | "now" | "trigger"
>;

/**
 * Nothing is applied while the switch is thrown or a freeze of the calendar lasts; unreadable counts as thrown. Whoever
 * sets a freeze aside means one that they knew of: a freeze that began after their word holds.
 */
export const freezeGate = (facts: FreezeFacts): readonly GateReason[] => {
  const unreadable = facts.switches === null && facts.freezeOverride === null;
  const why = [...(unreadable ? [UNREADABLE] : thrown(facts)), ...inCalendar(facts)];
  if (why.length === 0) return [];
  return [
    {
      gate: "freeze",
      message: "Applies are frozen.",
      wayOut: `Wait until it is over, or let somebody who may comment \`${facts.trigger} apply --override-freeze "why"\`; that is recorded.`,
      details: why,
    },
  ];
};

const UNREADABLE = "the freeze switch could not be read, and counts as thrown";

const holds = ({ freezeOverride }: FreezeFacts, began: Date): boolean =>
  freezeOverride === null || began > freezeOverride.at;

const thrown = (facts: FreezeFacts): readonly string[] =>
  (facts.switches ?? [])
    .filter(({ since }) => holds(facts, since))
    .filter(({ target }) => target === "*" || target === facts.workspace.key)
    .map(({ by, reason, since }) => `since ${since.toISOString()}, by ${by}: ${reason}`);

const inCalendar = (facts: FreezeFacts): readonly string[] =>
  facts.governance.freeze
    .filter(({ from, until }) => facts.now >= from && facts.now <= until && holds(facts, from))
    .filter(
      ({ workspaces }) => workspaces.length === 0 || workspaces.some((glob) => covers(glob, facts.workspace)),
    )
    .map(
      ({ until, reason, owner }) =>
        `until ${until.toISOString()}: ${reason}${owner ? ` (ask ${owner})` : ""}`,
    );

const covers = (glob: string, { key, dir, name }: FreezeFacts["workspace"]): boolean => {
  const pattern = new RegExp(
    `^${glob
      .split(/(\*\*\/?|\*|\?)/)
      .map(asExpression)
      .join("")}$`,
  );
  return [key, dir, `${dir}#${name}`].some((one) => pattern.test(one));
};

const asExpression = (piece: string): string => {
  if (piece.startsWith("**")) return ".*";
  if (piece === "*") return "[^/]*";
  if (piece === "?") return "[^/]";
  return piece.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
};
