import { parentPort, workerData } from "node:worker_threads";
import type { Target } from "./pg-session.ts";
import { openEmbeddedTarget } from "./pg-target-embedded.ts";

// PGlite in a thread of its own, which `pg-target-worker.ts` starts, asks and ends.

export type Wish =
  | { readonly ask: "query"; readonly text: string; readonly values: readonly unknown[] }
  | { readonly ask: "run"; readonly text: string }
  | { readonly ask: "copy"; readonly text: string; readonly rows: string }
  | { readonly ask: "close" };

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly fields: object };

const done = async (target: Target, wish: Wish): Promise<unknown> => {
  switch (wish.ask) {
    case "query":
      return target.query(wish.text, wish.values);
    case "run":
      return target.run(wish.text);
    case "copy":
      return target.copy(wish.text, wish.rows);
    case "close":
      return target.close();
  }
};

const answered = async (work: Promise<unknown>): Promise<Answer> => {
  try {
    return { ok: true, value: await work };
  } catch (thrown) {
    const { message, code, position, routine } = thrown as {
      readonly message?: string;
      readonly [field: string]: unknown;
    };
    return { ok: false, message: message ?? String(thrown), fields: { code, position, routine } };
  }
};

const { directory, memoryBytes, extensions } = workerData as {
  readonly directory: string;
  readonly memoryBytes: number;
  readonly extensions: boolean;
};

// The server then refuses one statement with its own "out of memory", before the whole thread has to end.
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages: number): number {
  if (this.buffer.byteLength + pages * 65_536 > memoryBytes / 2) throw new RangeError("memory limit");
  return grow.call(this, pages);
};

const opened = openEmbeddedTarget(directory, extensions);
parentPort?.on("message", (wish: Wish) => {
  void answered(opened.then((target) => done(target, wish))).then((answer) =>
    parentPort?.postMessage(answer),
  );
});
parentPort?.postMessage(await answered(opened.then(({ place, version }) => ({ place, version }))));
