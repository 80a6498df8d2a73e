import { PlumblineError } from "../model/errors.ts";
import { placeText } from "../model/finding.ts";
import { marksOf } from "../run/marks.ts";
import type { FindingDocument } from "../web/api/documents.ts";
import { ask, send, serverOf } from "./ask.ts";
import { ago, type Cell, columns } from "./columns.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";
import { given, more, pageOf } from "./status.ts";

/** `plumbline drift list [SEARCH]` */
export const driftList = async (call: Call): Promise<number> => {
  const [search] = call.args;
  const query = { ...given(call, ["workspace", "owner", "cause", "state"]), ...pageOf(call), search };
  const page = await ask<{ items: FindingDocument[]; next: string | null }>(call, {
    name: "findings",
    query,
  });
  if (call.json) printJson(call, page);
  else {
    const now = new Date();
    call.out(
      page.items.length === 0
        ? "Nothing is found.\n"
        : columns(
            call,
            ["WORKSPACE", ...HEADINGS],
            page.items.map((one) => [{ text: one.workspace }, ...findingRow(one, now)]),
          ),
    );
    more(call, page.next);
  }
  return EXIT.done;
};

export const HEADINGS = ["ID", "CAUSE", "WHAT", "SINCE", "PULL", ""];

export const findingRow = (one: FindingDocument, now: Date): readonly Cell[] => [
  { text: String(one.id) },
  { text: one.cause, paint: one.endedAt ? "dim" : one.cause === "unapplied" ? "plain" : "yellow" },
  { text: placeText(one) },
  { text: ago(one.openedAt, now) },
  { text: one.driftPull ? `#${one.driftPull.number}` : "-" },
  { text: remark(one, now), paint: "dim" },
];

const remark = ({ endedAt, why, acked, snoozed, who }: FindingDocument, now: Date): string =>
  endedAt
    ? `${why} ${ago(endedAt, now)} ago`
    : [
        ...(who ? [`by ${who.who}${who.confidence === "guess" ? " (a guess)" : ""}`] : []),
        ...(acked ? [`${acked.by} has it${acked.note ? `: ${acked.note}` : ""}`] : []),
        ...(snoozed ? [`snoozed until ${snoozed.until}`] : []),
      ].join(", ");

/** `plumbline drift ack ID [--note TEXT]` */
export const driftAck = async (call: Call): Promise<number> => {
  const id = idOf(call);
  const note = textOption(call, "note")?.trim() || null;
  const finding = await mark(call, id, "ack", { note }, (marks, by) => marks.acknowledge(by, id, note));
  return tell(call, finding, `You have ${id} in hand.`);
};

/** `plumbline drift snooze ID --for 8h --reason TEXT` */
export const driftSnooze = async (call: Call): Promise<number> => {
  const id = idOf(call);
  const [time, reason] = [textOption(call, "for")?.trim(), textOption(call, "reason")?.trim()];
  if (!time || !reason)
    throw new PlumblineError("wrong-arguments", "Say for how long and why: --for 8h --reason TEXT.");
  const finding = await mark(call, id, "snooze", { for: time, reason }, (marks, by) =>
    marks.snooze(by, id, { time, reason }),
  );
  return tell(call, finding, `Nobody is told of ${id} again until ${finding.snoozed?.until}. It stays open.`);
};

const idOf = ({ args }: Call): number => {
  const [id = ""] = args;
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new PlumblineError("wrong-arguments", `${JSON.stringify(id)} is no id of a finding.`, {
    hint: "`plumbline drift list` names them.",
  });
};

type Marks = ReturnType<typeof marksOf>;
type By = Parameters<Marks["acknowledge"]>[0];

const mark = async (
  call: Call,
  id: number,
  action: "ack" | "snooze",
  body: object,
  directly: (marks: Marks, by: By) => Promise<unknown>,
): Promise<FindingDocument> => {
  const server = serverOf(call);
  if (server !== null)
    return (await send(call, server, "POST", `/findings/${id}/${action}`, body)) as FindingDocument;
  const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
  const clock = { now: () => new Date() };
  const marked = await withRecords(await recordsPlace(call), ({ ledger, read }) =>
    directly(marksOf({ ledger, read, clock }), { by, request: null }),
  );
  return JSON.parse(JSON.stringify(marked)) as FindingDocument;
};

const tell = (call: Call, finding: FindingDocument, text: string): number => {
  if (call.json) printJson(call, finding);
  else call.out(`${printable(text)}\n`);
  return EXIT.done;
};
