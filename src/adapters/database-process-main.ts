import { homedir } from "node:os";
import { join } from "node:path";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { lockDirectory } from "./database-lock.ts";
import { PARSERS } from "./database-parsers.ts";
import type { Question, Told } from "./database-process.ts";
import { seedDatabase } from "./database-seed.ts";

// The process that `database-process.ts` starts: PGlite in the directory that the only argument names.

// Ctrl-C and service managers signal the whole group; whoever started us decides when it is over.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
process.on("disconnect", () => process.exit());

const tell = (what: Told): void => void process.send?.(what);

interface OpenTransaction {
  readonly rows: Transaction;
  /** Ends it: by a commit, or by a rollback where there is a reason. */
  end(reason?: Error): Promise<void>;
}

const begin = (pglite: PGlite): Promise<OpenTransaction> =>
  new Promise((begun, failed) => {
    const ending = Promise.withResolvers<void>();
    const whole = pglite.transaction((rows) => {
      begun({
        rows,
        end: (reason) => {
          if (reason) ending.reject(reason);
          else ending.resolve();
          return whole;
        },
      });
      return ending.promise;
    });
    whole.catch(failed);
  });

const answerer = (pglite: PGlite): ((question: Question) => Promise<unknown>) => {
  let open: OpenTransaction | null = null;
  const end = async (reason?: Error): Promise<void> => {
    const ending = open?.end(reason);
    open = null;
    await ending?.catch((thrown: unknown) => {
      if (thrown !== reason) throw thrown;
    });
  };
  return async (question) => {
    switch (question.ask) {
      case "query": {
        const { affectedRows, rows } = await (open?.rows ?? pglite).query(question.sql, [
          ...question.parameters,
        ]);
        return { affectedRows, rows };
      }
      case "begin":
        open = await begin(pglite);
        return null;
      case "commit":
        return end();
      case "rollback":
        return end(new Error("rolled back"));
      case "close":
        return pglite.close();
    }
  };
};

// Errors of PostgreSQL are told apart by their code; a copy over the channel would keep the message alone.
const toldOf = (thrown: unknown): { readonly message: string; readonly fields: object } => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { message: error.message, fields: JSON.parse(JSON.stringify({ ...error })) as object };
};

/** The last process on this directory may still be on its way out after its owner was killed. */
const PREDECESSOR_MS = 10_000;

try {
  const directory = process.argv[2] ?? "";
  lockDirectory(directory, { file: "database-process.lock", waitMs: PREDECESSOR_MS });
  const folder = join(directory, "database");
  await seedDatabase(folder, join(homedir(), ".cache", "plumbline"));
  const pglite = await PGlite.create({ dataDir: folder, parsers: PARSERS });
  const answer = answerer(pglite);
  process.on("message", (question: Question) => {
    answer(question).then(
      (result) => tell({ id: question.id, result }),
      (thrown: unknown) => tell({ id: question.id, error: toldOf(thrown) }),
    );
  });
  tell({ ready: true });
} catch (thrown) {
  const code = thrown instanceof PlumblineError ? asPlumblineError(thrown).code : null;
  tell({ ready: false, code, error: toldOf(thrown) });
}
