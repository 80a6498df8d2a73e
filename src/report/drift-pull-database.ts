import type { Finding } from "../model/finding.ts";
import { driftCommand } from "./drift-pull-command.ts";
import type { DriftedDatabase, DriftPullView } from "./drift-pull-view.ts";
import { code, plain } from "./escape.ts";

/** What may be done about the drift of a database; all of it is done by a migration that somebody merges. */
export const databaseChoices = (view: DriftPullView, database: DriftedDatabase): readonly string[] => {
  const { trigger } = view;
  const [kept, undone] = [`\`${trigger} formalize\``, `\`${trigger} revert\``];
  const isThere = database.class !== null;
  const keep =
    isThere && database.purpose === "formalize"
      ? `merge this pull request, or comment ${kept}. It holds the migration that explains what is live: it does nothing where that was done by hand, and the same in every other database. ${PROVEN}`
      : database.purpose === "revert"
        ? `comment ${kept}: this branch then holds the migration that explains what is live.`
        : "push the migration that explains what is live to this branch, written such that it does nothing where that was done, and merge.";
  const undo =
    isThere && database.purpose === "revert"
      ? `merge this pull request. It holds the migration that takes back what was done by hand, and does nothing where nobody did it. ${PROVEN}`
      : database.purpose === "formalize"
        ? `comment ${undone}, or \`${trigger} revert ADDRESS\` for one object: this branch then holds the migration that takes it back. Nothing is undone before that one is reviewed and merged.`
        : "push the migration that takes it back to this branch, and merge; or undo it where it was done.";
  return [
    `- **Keep it:** ${keep}`,
    `- **Undo it:** ${undo}`,
    `- **Leave it for now:** comment \`${trigger} ignore ADDRESS.PATH --for 14d --reason "..."\`, then merge.`,
    ...(isThere ? ["", ...toldOf(database)] : []),
  ];
};

const PROVEN = "Proven on a replay of the history and on a copy of the live schema.";
const MOST = 20;

const toldOf = ({ class: worst, destroys, hazards }: DriftedDatabase): readonly string[] => [
  `Class ${worst}, by what it does where it has something to do.`,
  ...destroys.slice(0, MOST).map((what) => `- ⚠️ Destroys ${plain(what)}.`),
  ...hazards.slice(0, MOST).map((hazard) => `- ${plain(hazard)}`),
];

/** The ways out of one finding. */
export const databaseLines = (
  view: DriftPullView,
  { purpose, class: worst }: DriftedDatabase,
  finding: Pick<Finding, "address" | "path">,
): readonly string[] => {
  const { formalized = [], refused = [] } = view;
  const isHere = ({ address, path }: typeof finding): boolean =>
    address === finding.address && path === finding.path;
  const why = refused.find(isHere)?.reason;
  const held = worst !== null && formalized.some(isHere);
  const alone = { ...finding, path: "" };
  return [
    ...(held ? [`- This branch ${purpose === "revert" ? "takes it back" : "keeps it"}.`] : []),
    ...(why === undefined ? [] : [`- Not written: ${plain(why)}.`]),
    `- **Keep it alone:** ${driftCommand(view, "formalize", alone)} makes this branch hold ${code(finding.address)} and nothing else.`,
    `- **Undo it alone:** ${driftCommand(view, "revert", alone)} makes it hold the migration that takes that back.`,
  ];
};
