import type { GateReason } from "../model/decision.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

export type FreezeFacts = Pick<
  StatefulFacts,
  "governance" | "workspace" | "switches" | "freezeOverride" | "now" | "trigger"
>;

/** Nothing is applied while the switch is thrown or a freeze of the calendar lasts; unreadable counts as thrown. */
export const freezeGate = (facts: FreezeFacts): readonly GateReason[] => {
  if (facts.freezeOverride) return [];
  const why = facts.switches === null ? [UNREADABLE] : [...thrown(facts), ...inCalendar(facts)];
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

const thrown = ({ switches, workspace }: FreezeFacts): readonly string[] =>
  (switches ?? [])
    .filter(({ target }) => target === "*" || target === workspace.key)
    .map(({ by, reason, since }) => `since ${since.toISOString()}, by ${by}: ${reason}`);

const inCalendar = ({ governance, workspace, now }: FreezeFacts): readonly string[] =>
  governance.freeze
    .filter(({ from, until }) => now >= from && now <= until)
    .filter(({ workspaces }) => workspaces.length === 0 || workspaces.some((glob) => covers(glob, workspace)))
    .map(({ until, reason }) => `until ${until.toISOString()}: ${reason}`);

const covers = (glob: string, { dir, name }: FreezeFacts["workspace"]): boolean => {
  const pattern = new RegExp(
    `^${glob
      .split(/(\*\*\/?|\*|\?)/)
      .map(asExpression)
      .join("")}$`,
  );
  return pattern.test(dir) || pattern.test(`${dir}#${name}`);
};

const asExpression = (piece: string): string => {
  if (piece.startsWith("**")) return ".*";
  if (piece === "*") return "[^/]*";
  if (piece === "?") return "[^/]";
  return piece.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
};
