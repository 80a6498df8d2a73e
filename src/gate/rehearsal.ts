import type { GateReason } from "../model/decision.ts";
import type { Rehearsal, RehearsalRun } from "../model/rehearsal.ts";

/** What speaks against a run after its rehearsal. */
export const rehearsalGates = (rehearsal: Rehearsal): readonly GateReason[] => [
  ...failed(rehearsal.current, "on the schema that the target has now"),
  ...failed(rehearsal.empty, "on an empty database"),
  ...unfinished(rehearsal),
];

const failed = ({ failure }: RehearsalRun, where: string): readonly GateReason[] =>
  failure === null
    ? []
    : [
        {
          gate: "rehearsal-failed",
          message: `The rehearsal ${where} stopped: ${failure.script}:${failure.line}:${failure.column}: ${failure.message}`,
          wayOut: "Mend the migration and push; it is rehearsed again by itself.",
        },
      ];

const unfinished = ({ again }: Rehearsal): readonly GateReason[] => {
  if (again === null) return [];
  const details = [
    ...again.pending.map((script) => `still pending: ${script}`),
    ...again.changes.map(({ what, address, text }) => `${what}: ${address} ${text}`.trim()),
    ...(again.failure ? [`failed: ${again.failure.script}: ${again.failure.message}`] : []),
  ];
  if (details.length === 0) return [];
  return [
    {
      gate: "rehearsal-unfinished",
      message: "After the rehearsed run a second one would still do something.",
      wayOut: "Make callbacks and repeatable migrations such that a run right after another changes nothing.",
      details,
    },
  ];
};
