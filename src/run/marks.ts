import { parseDuration } from "../config/duration.ts";
import { PlumblineError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import type { FindingView } from "../model/reading.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { ReadModel } from "../ports/read-model.ts";

/** Who marks, and the name of the request; null where it was no request. */
interface Asking {
  readonly by: string;
  readonly request: string | null;
}

interface Place {
  readonly ledger: Ledger;
  readonly read: ReadModel;
  readonly clock: Pick<Clock, "now">;
}

/** Marks on open findings. They change what people are told, never the finding; each enters the audit. */
export const marksOf = ({ ledger, read, clock }: Place) => ({
  acknowledge: async (asking: Asking, id: number, text: string | null): Promise<FindingView> => {
    const mark = { by: asking.by, at: clock.now(), note: text };
    return marked({ ledger, read, clock }, asking, id, "finding-acknowledged", { note: text }, (inside) =>
      inside.findings.acknowledge(id, mark),
    );
  },
  snooze: async (
    asking: Asking,
    id: number,
    { time, reason }: { readonly time: string; readonly reason: string },
  ): Promise<FindingView> => {
    const until = new Date(clock.now().getTime() + lengthOf(time));
    const details = { until: until.toISOString(), reason };
    return marked({ ledger, read, clock }, asking, id, "finding-snoozed", details, (inside) =>
      inside.findings.snooze(id, { by: asking.by, until, reason }),
    );
  },
});

/** The finding of this id, open or not; `not-found` where there is none. */
export const findingOf = async (read: ReadModel, id: number): Promise<FindingView> => {
  const finding = await read.finding(id);
  if (finding) return finding;
  throw new PlumblineError("not-found", `There is no finding ${id}.`);
};

const marked = async (
  { ledger, read, clock }: Place,
  { by, request }: Asking,
  id: number,
  action: string,
  details: JsonObject,
  mark: (inside: Ledger) => Promise<boolean>,
): Promise<FindingView> => {
  const { workspace, address, path } = await findingOf(read, id);
  await ledger.transaction(async (inside) => {
    if (!(await mark(inside))) throw new PlumblineError("not-found", `The finding ${id} has ended already.`);
    await inside.audit.append({
      at: clock.now(),
      actor: by,
      action,
      subject: workspace,
      details: { finding: id, address, path, ...details, ...(request === null ? {} : { request }) },
    });
  });
  return findingOf(read, id);
};

/** What is to be quiet for longer is to be ignored in the code, where it is reviewed. */
const MOST_SNOOZE_MS = 30 * 86_400_000;

const lengthOf = (time: string): number => {
  const length = parseDuration(time) ?? 0;
  if (length > 0 && length <= MOST_SNOOZE_MS) return length;
  throw new PlumblineError(
    "wrong-arguments",
    "A finding is snoozed for a time such as 8h or 3d, at most 30 days.",
    {
      hint: "What is to stay belongs into the code: formalize it, or ignore it.",
    },
  );
};
