import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Database } from "../../src/adapters/database.ts";
import { createJobs } from "../../src/adapters/jobs.ts";
import type { FollowUp, Job } from "../../src/model/job.ts";
import type { ClaimedJob, JobResult, Jobs } from "../../src/ports/jobs.ts";
import type { Log } from "../../src/ports/log.ts";
import type { DatabaseHome } from "./databases.ts";
import { createHandClock, type HandClock } from "./hand-clock.ts";

export const quiet: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => quiet,
};

const done: JobResult = { done: true };
const plan = (workspace: string, run: string): FollowUp => ({ job: { kind: "plan", workspace, run } });
const drift = (workspace: string): FollowUp => ({ job: { kind: "drift", workspace, slot: "s" } });
const publish = (number: number): FollowUp => ({
  job: { kind: "publish", pull: { repo: "o/r", number } },
  dedupeKey: `publish:${number}`,
});
const nameOf = (job: Job): string =>
  job.kind === "plan" ? job.run : job.kind === "drift" ? `drift ${job.workspace}` : job.kind;

export const jobsContract = (home: DatabaseHome): void => {
  describe.skipIf(home.missing !== null)(
    `jobs on ${home.name}${home.missing ? ` (${home.missing})` : ""}`,
    () => {
      const place: Partial<Place> = {};
      let stop: () => Promise<void>;
      let reopen: () => Promise<Database>;
      const opened: Database[] = [];
      beforeAll(async () => {
        const started = await home.start();
        ({ stop, reopen } = started);
        place.database = await started.open();
        place.another = async () => {
          const second = await reopen();
          opened.push(second);
          return second;
        };
      });
      beforeEach(async () => {
        const database = place.database!;
        await sql`delete from jobs`.execute(database.kysely);
        place.clock = createHandClock();
        place.jobs = createJobs(database, { clock: place.clock, log: quiet });
      });
      afterEach(async () => {
        await place.jobs?.close();
      });
      afterAll(async () => {
        for (const database of [...opened, place.database]) await database?.close();
        await stop?.();
      });
      order(() => place as Place);
      slots(() => place as Place);
      retries(() => place as Place);
      if (home.name !== "PGlite") replicas(() => place as Place);
    },
  );
};

interface Place {
  jobs: Jobs;
  clock: HandClock;
  database: Database;
  another(): Promise<Database>;
}

/** A handler whose jobs run until they are let go, and that notes what ran beside what. */
const stage = () => {
  const started: string[] = [];
  const open = new Map<string, (result: JobResult) => void>();
  const arrivals = new Set<() => void>();
  const handle = ({ job }: ClaimedJob): Promise<JobResult> =>
    new Promise((resolve) => {
      started.push(nameOf(job));
      open.set(nameOf(job), resolve);
      for (const arrived of arrivals) arrived();
    });
  const has = (name: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!started.includes(name)) return;
        arrivals.delete(look);
        resolve();
      };
      arrivals.add(look);
      look();
    });
  const end = (name: string, result: JobResult = done): void => {
    open.get(name)?.(result);
    open.delete(name);
  };
  return { started, handle, has, end, running: () => [...open.keys()] };
};

const order = (get: () => Place): void => {
  test("jobs of one key run one at a time in order of arrival, other keys beside them", async () => {
    const { jobs } = get();
    const { started, handle, has, end, running } = stage();
    await jobs.work({ concurrency: 4, handle });
    await jobs.enqueue([plan("a", "a1"), plan("a", "a2"), plan("b", "b1")]);
    await Promise.all([has("a1"), has("b1")]);
    expect(running().sort()).toEqual(["a1", "b1"]);
    end("b1");
    await jobs.enqueue([plan("b", "b2")]);
    await has("b2");
    expect(started).not.toContain("a2");
    end("a1");
    await has("a2");
    end("a2");
    end("b2");
    await jobs.idle();
    expect(started.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2"]);
  });

  test("many keys and jobs: no overlap and no reordering within a key", async () => {
    const { jobs } = get();
    const active = new Set<string>();
    const seen: Record<string, number[]> = {};
    await jobs.work({
      concurrency: 5,
      handle: async ({ job }) => {
        if (job.kind !== "plan") return done;
        expect(active.has(job.workspace)).toBe(false);
        active.add(job.workspace);
        await new Promise(setImmediate);
        seen[job.workspace] = [...(seen[job.workspace] ?? []), Number(job.run)];
        active.delete(job.workspace);
        return done;
      },
    });
    await jobs.enqueue(Array.from({ length: 60 }, (_, index) => plan(`w${index % 6}`, String(index))));
    await jobs.idle();
    expect(Object.keys(seen)).toHaveLength(6);
    for (const numbers of Object.values(seen)) {
      expect(numbers).toHaveLength(10);
      expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
    }
  });

  test("people come before the schedule", async () => {
    const { jobs } = get();
    const { started, handle, has, end } = stage();
    await jobs.enqueue([drift("x"), plan("y", "y1")]);
    await jobs.work({ concurrency: 1, handle });
    await has("y1");
    expect(started).toEqual(["y1"]);
    end("y1");
    await has("drift x");
    end("drift x");
    await jobs.idle();
  });

  test("one job is kept per dedupe key while it waits, at the earlier time; another once it runs", async () => {
    const { jobs, clock } = get();
    const { started, handle, has, end } = stage();
    const later = { ...publish(1), notBefore: new Date(clock.now().getTime() + 60_000) };
    await jobs.enqueue([later, publish(1), publish(1), later]);
    expect(await jobs.depth()).toEqual({ publish: { waiting: 1, running: 0 } });
    await jobs.work({ concurrency: 1, handle });
    await has("publish");
    await jobs.enqueue([publish(1), publish(1)]);
    expect(await jobs.depth()).toEqual({ publish: { waiting: 1, running: 1 } });
    end("publish");
    while (started.length < 2) await new Promise(setImmediate);
    end("publish");
    await jobs.idle();
    expect(started).toHaveLength(2);
  });
};

const slots = (get: () => Place): void => {
  test("concurrency bounds engines, a slot stays free from drift, and quick jobs have their own", async () => {
    const { jobs } = get();
    const { handle, has, end, running } = stage();
    await jobs.work({ concurrency: 3, background: 3, handle });
    await jobs.enqueue([drift("a"), drift("b"), drift("c")]);
    await Promise.all([has("drift a"), has("drift b")]);
    await jobs.enqueue([plan("d", "d1"), plan("e", "e1"), publish(1)]);
    await Promise.all([has("d1"), has("publish")]);
    expect(running().sort()).toEqual(["d1", "drift a", "drift b", "publish"]);
    for (const name of running()) end(name);
    await Promise.all([has("e1"), has("drift c")]);
    for (const name of running()) end(name);
    await jobs.idle();
  });

  test("stopping takes no new job and waits for those that run", async () => {
    const { jobs } = get();
    const { started, handle, has, end } = stage();
    const stop = await jobs.work({ concurrency: 1, handle });
    await jobs.enqueue([plan("a", "a1"), plan("a", "a2")]);
    await has("a1");
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    end("a1");
    await stopping;
    expect(started).toEqual(["a1"]);
    expect(await jobs.depth()).toEqual({ plan: { waiting: 1, running: 0 } });
  });
};

const retries = (get: () => Place): void => {
  test("a failed job comes again at its time with the next attempt; others do not wait for it", async () => {
    const { jobs, clock } = get();
    const attempts: number[] = [];
    const started: string[] = [];
    const retryAt = new Date(clock.now().getTime() + 5000);
    await jobs.work({
      concurrency: 1,
      handle: async ({ job, attempt }) => {
        started.push(nameOf(job));
        if (nameOf(job) !== "a1") return done;
        attempts.push(attempt);
        return attempt === 1 ? { done: false, retryAt, message: "busy" } : done;
      },
    });
    await jobs.enqueue([plan("a", "a1"), plan("a", "a2")]);
    await jobs.idle();
    expect(started).toEqual(["a1", "a2"]);
    expect(await jobs.depth()).toEqual({ plan: { waiting: 1, running: 0 } });
    clock.turn(5000);
    await jobs.idle();
    expect(attempts).toEqual([1, 2]);
    expect(await jobs.depth()).toEqual({});
  });

  test("without a time for the next attempt a failed job is gone, as is one whose handler throws", async () => {
    const { jobs } = get();
    await jobs.work({
      concurrency: 2,
      handle: async ({ job }) => {
        if (nameOf(job) === "a1") throw new Error("bug");
        return { done: false, retryAt: null, message: "never" };
      },
    });
    await jobs.enqueue([plan("a", "a1"), plan("b", "b1")]);
    await jobs.idle();
    expect(await jobs.depth()).toEqual({});
  });

  test("a job of the future waits for its time and does not count as work", async () => {
    const { jobs, clock } = get();
    const { started, handle, has, end } = stage();
    await jobs.work({ concurrency: 1, handle });
    await jobs.enqueue([{ ...plan("a", "a1"), notBefore: new Date(clock.now().getTime() + 1000) }]);
    await jobs.idle();
    expect(started).toEqual([]);
    while (clock.waiting() === 0) await new Promise(setImmediate);
    clock.turn(1000);
    await has("a1");
    end("a1");
    await jobs.idle();
  });

  test("what a process left running when it died runs again after the restart", async () => {
    const { database, clock } = get();
    const { handle, has } = stage();
    const dead = createJobs(database, { clock, log: quiet });
    await dead.enqueue([plan("a", "a1")]);
    void (await dead.work({ concurrency: 1, handle }));
    await has("a1");
    const attempts: number[] = [];
    clock.turn(31_000);
    const { jobs } = get();
    await jobs.work({
      concurrency: 1,
      handle: async ({ attempt }) => {
        attempts.push(attempt);
        return done;
      },
    });
    while (attempts.length === 0) {
      clock.turn(31_000);
      await new Promise(setImmediate);
    }
    expect(attempts).toEqual([2]);
  });

  test("what is stored is handled at once: the clock stands, so nobody looks again by it", async () => {
    const { jobs } = get();
    const { started, handle, has, end } = stage();
    await jobs.work({ concurrency: 1, handle });
    for (const name of ["a1", "a2", "a3"]) {
      await jobs.enqueue([plan("a", name)]);
      await has(name);
      end(name);
      await jobs.idle();
    }
    expect(started).toEqual(["a1", "a2", "a3"]);
  });
};

const replicas = (get: () => Place): void => {
  test("an instance that starts again takes what it left running at once, and nothing of others", async () => {
    const place = get();
    const options = { clock: place.clock, log: quiet };
    const both = ["dead", "other"].map((instance) => ({
      instance,
      jobs: createJobs(place.database, { ...options, instance }),
    }));
    const taken = new Map<string, string>();
    const never = new Promise<JobResult>(() => undefined);
    const begun = Promise.withResolvers<void>();
    await both[0]?.jobs.enqueue([plan("a", "one"), plan("b", "two")]);
    for (const { instance, jobs } of both) {
      await jobs.work({
        concurrency: 1,
        handle: ({ job }) => {
          taken.set(instance, job.kind === "plan" ? job.run : "");
          if (taken.size === 2) begun.resolve();
          return never;
        },
      });
    }
    await begun.promise;
    const again = createJobs(await place.another(), { ...options, instance: "dead" });
    const made = Promise.withResolvers<string>();
    await again.work({
      concurrency: 2,
      handle: async ({ job }) => {
        made.resolve(job.kind === "plan" ? job.run : "");
        return done;
      },
    });
    expect(await made.promise).toBe(taken.get("dead"));
    await again.close();
    expect((await again.depth()).plan).toMatchObject({ running: 1 });
  });

  test("replicas share the work: each job once, one at a time per key", async () => {
    const place = get();
    const options = { clock: systemClock, log: quiet, pollMs: 20 };
    const first = createJobs(place.database, options);
    const second = createJobs(await place.another(), options);
    const active = new Set<string>();
    const seen: string[] = [];
    const handle = async ({ job }: ClaimedJob): Promise<JobResult> => {
      if (job.kind !== "plan") return done;
      expect(active.has(job.workspace)).toBe(false);
      active.add(job.workspace);
      await new Promise((resolve) => setTimeout(resolve, 1));
      active.delete(job.workspace);
      seen.push(job.run);
      return done;
    };
    await first.enqueue(Array.from({ length: 60 }, (_, index) => plan(`w${index % 4}`, String(index))));
    await Promise.all([first, second].map((jobs) => jobs.work({ concurrency: 3, handle })));
    await first.idle();
    await Promise.all([first, second].map((jobs) => jobs.close()));
    expect(new Set(seen).size).toBe(60);
    expect(seen).toHaveLength(60);
  });
};
