import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";

/** What a child tells over Node's channel: once that it is up, then an answer to each question. */
export type Told<Up> =
  | { readonly up: Up }
  | { readonly id: number; readonly result: unknown; readonly error: string | null };

/** A process that is asked over Node's channel. */
export interface AskedChild<Question, Up> {
  readonly child: ChildProcess;
  /** What it said when it was up. */
  readonly up: Up;
  /** Resolves when it is gone, however it went. */
  readonly ended: Promise<unknown>;
  /** @throws `Dead` where it is gone before it answered; an `Error` with its words where the question failed. */
  ask(question: Question): Promise<unknown>;
}

/** The process was gone before it answered. */
export class Dead extends Error {}

/** Starts a TypeScript program that answers by `answerQuestions`. @throws `Dead` where it ends before it is up. */
export const startChild = async <Question extends object, Up>(
  program: string,
  args: readonly string[],
  options: Pick<ForkOptions, "env" | "stdio"> & { readonly onFork?: (child: ChildProcess) => void },
): Promise<AskedChild<Question, Up>> => {
  const { onFork, ...how } = options;
  const child = fork(program, args, { ...how, execArgv: ["--disable-warning=ExperimentalWarning"] });
  onFork?.(child);
  const ended = once(child, "exit").catch(() => undefined);
  const [first] = (await Promise.race([once(child, "message"), ended.then(() => [])])) as [Told<Up>?];
  if (first === undefined || !("up" in first)) throw new Dead("The process ended before it was up.");
  return { child, up: first.up, ended, ask: asking<Question>(child, ended) };
};

const asking = <Question extends object>(child: ChildProcess, ended: Promise<unknown>) => {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  child.on("message", (told: Told<unknown>) => {
    if (!("id" in told)) return;
    const asked = waiting.get(told.id);
    waiting.delete(told.id);
    if (told.error === null) asked?.resolve(told.result);
    else asked?.reject(new Error(told.error));
  });
  void ended.then(() => {
    for (const asked of waiting.values()) asked.reject(new Dead("The process is dead."));
  });
  return (question: Question): Promise<unknown> => {
    if (!child.connected) return Promise.reject(new Dead("The process is dead."));
    last += 1;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(last, asked);
    child.send({ ...question, id: last }, (failure) => {
      if (failure) asked.reject(new Dead("The process is dead."));
    });
    return asked.promise;
  };
};
