import { countsText, graveAddresses } from "./change-text.ts";
import { code, codeCell, plain } from "./escape.ts";
import { destroysState, headline, STATE_TEXT } from "./headline.ts";
import { type Block, pack, text } from "./pack.ts";
import { policyTestBlocks } from "./policy-section.ts";
import type { PullView, WorkspaceState, WorkspaceView } from "./pull-view.ts";
import { type Detail, workspaceBlocks } from "./pull-workspace.ts";
import { statefulBlocks } from "./stateful-section.ts";

/**
 * The sticky comment of a pull request, as one or more parts that each keep under the forge's limit (with room for
 * the hidden marker). What is destroyed is always told wholly; diffs and logs give way first.
 */
export const pullComment = (
  view: PullView,
  limits: { readonly commentLength: number },
): readonly string[] => {
  const room = Math.max(LEAST, limits.commentLength - MARKER_ROOM);
  for (const detail of detailsFor(room)) {
    const parts = pack(blocksOf(view, detail), room);
    if (parts.length <= MANY) return parts;
  }
  return pack(blocksOf(view, { diff: 0, log: 0 }), room);
};

const MARKER_ROOM = 400;
const LEAST = 600;
/** More parts than this are only made for what must not be left out. */
const MANY = 3;

const detailsFor = (room: number): readonly Detail[] => [
  { diff: room, log: Math.min(room, 20_000) },
  { diff: Math.floor(room / 2), log: 4_000 },
  { diff: 6_000, log: 0 },
  { diff: 1_500, log: 0 },
];

const blocksOf = (view: PullView, detail: Detail): readonly Block[] => {
  const told = [...view.workspaces].filter((one) => one.state !== "no-changes" || hasSomethingToSay(one));
  const ordered = told.sort((left, right) => urgency(left) - urgency(right));
  return [
    text(`## ${headline(view)}`),
    ...notesBlocks(view),
    ...graveBlocks(ordered),
    ...policyTestBlocks(view.policyTests ?? []),
    ...(view.stateful ? statefulBlocks(view.stateful) : []),
    ...tableBlocks(view, ordered),
    ...ordered
      .filter((one) => ordered.length < 2 || !isToldByTable(one))
      .flatMap((one) => workspaceBlocks(view, one, detail)),
    ...nextBlocks(view),
  ];
};

const hasSomethingToSay = (one: WorkspaceView): boolean =>
  (one.policies !== undefined &&
    one.policies.denied.length + one.policies.warned.length + (one.policies.dryRun?.length ?? 0) > 0) ||
  one.lock !== null ||
  (one.formalizedHere?.length ?? 0) > 0 ||
  one.driftOnTheWay.length > 0 ||
  one.overriddenDrift.length > 0;

/** The table's row says it all: nothing went wrong and nothing is to be done. */
const isToldByTable = (one: WorkspaceView): boolean =>
  PLAIN_STATES.has(one.state) &&
  one.error === null &&
  one.applied?.verified !== false &&
  !hasSomethingToSay(one);
const PLAIN_STATES: ReadonlySet<WorkspaceState> = new Set<WorkspaceState>([
  "queued",
  "planning",
  "superseded",
  "cancelled",
  "apply-queued",
  "applied",
]);

const ORDER: readonly WorkspaceState[] = [
  "unknown",
  "apply-failed",
  "plan-failed",
  "apply-denied",
  "applying",
  "apply-queued",
  "planned",
  "formalized",
  "planning",
  "queued",
  "applied",
  "cancelled",
  "superseded",
  "no-changes",
];

/** What destroys durable state comes before everything else. */
const urgency = (one: WorkspaceView): number =>
  (destroysState(one) ? 0 : ORDER.length) + ORDER.indexOf(one.state);

const notesBlocks = (view: PullView): readonly Block[] => [
  ...(view.notes.length > 0 ? [text(...view.notes.map((note) => `- ❌ ${plain(note)}`))] : []),
  ...(view.warnings.length > 0 ? [text(...view.warnings.map((warning) => `- ${plain(warning)}`))] : []),
  ...(view.deployBranch ? [] : [text("The base is not the deploy branch: planned only, never applied.")]),
  ...(view.mode === "observe" ? [text("This server only observes: it applies nothing.")] : []),
];

/** With several workspaces the grave things of all of them stand on top; each section tells why. */
const graveBlocks = (told: readonly WorkspaceView[]): readonly Block[] => {
  if (told.length < 2) return [];
  const lines = told
    .filter(destroysState)
    .flatMap((one) =>
      one.summary ? graveAddresses(one.summary).map((what) => `- ${code(one.title)}: ${what}`) : [],
    );
  return lines.length === 0 ? [] : [{ head: "**Durable state at risk**\n", lines, tail: "" }];
};

const tableBlocks = (view: PullView, told: readonly WorkspaceView[]): readonly Block[] => {
  const quiet = view.workspaces.length - told.length;
  const rest = quiet > 0 ? [text(`${quiet} ${told.length > 0 ? "more " : ""}without changes.`)] : [];
  // One workspace says everything in its own section.
  if (told.length < 2) return rest;
  const rows = told.map(
    (one) =>
      `| ${codeCell(one.title)} | ${rowState(one)} | ${one.summary ? countsText(one.summary) : ""} | ${one.summary?.inspection.class ?? ""} |`,
  );
  return [
    { head: "| workspace | state | changes | class |\n|---|---|---|---|", lines: rows, tail: "" },
    ...rest,
  ];
};

const rowState = (one: WorkspaceView): string =>
  `${destroysState(one) ? "⚠️ " : ""}${STATE_TEXT[one.state]}${one.lock ? " 🔒" : ""}`;

const nextBlocks = (view: PullView): readonly Block[] => {
  const lines = nextLines(view);
  const link = view.url ? ` · [details](${view.url})` : "";
  const open = view.unconfined ? " · ⚠️ engines run **without a sandbox** on this server" : "";
  const foot = `Head \`${view.headSha.slice(0, 8)}\` · \`${view.trigger} help\`${link}${open}`;
  return [text("---", ...lines, ...(lines.length > 0 ? [""] : []), foot)];
};

const nextLines = ({
  workspaces,
  trigger,
  state,
  deployBranch,
  mode,
  stateful,
}: PullView): readonly string[] => {
  if (!deployBranch || mode === "observe" || state === "closed") return [];
  const ready = workspaces.filter(
    (one) => one.state === "planned" && one.lock === null && one.overriddenDrift.length === 0,
  );
  const held = mode === "enforce" && (stateful?.missing.length ?? 0) > 0;
  const onMerge = ready.filter((one) => one.apply === "on_merge");
  const onComment = ready.filter((one) => one.apply === "on_comment");
  const failed = workspaces.some((one) => one.state === "plan-failed" || one.state === "cancelled");
  return [
    ...(held ? ["- An apply waits for what is missing above."] : []),
    ...(onMerge.length > 0 && state === "open" && !held
      ? ["- **Merge** to apply exactly what is planned here."]
      : []),
    ...(state === "open" ? onComment : ready).map(
      (one) => `- \`${trigger} apply ${one.selector}\` applies ${codeCell(one.title)}.`,
    ),
    ...(failed ? [`- \`${trigger} plan\` plans again.`] : []),
  ];
};
