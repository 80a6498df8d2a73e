import type { Console } from "../../demo/cloud/console.ts";
import type { LocalForge } from "../../demo/forge/forge.ts";
import type { StateServer } from "../../demo/state/server.ts";
import type { Seeded } from "../seeded.ts";
import type { Relay } from "./relay.ts";
import type { Replica } from "./replica.ts";

export interface FaultWorld {
  readonly forge: LocalForge;
  readonly cloud: Console;
  readonly state: StateServer;
  readonly relay: Relay;
  readonly replica: Replica;
  readonly chance: Seeded;
}

export interface Faults {
  readonly done: Record<string, number>;
  /** One fault by chance, where wished one that no process dies of; those that take long go on by themselves. */
  strike(deaths: boolean): void;
  /** Everything works again once this resolves. */
  end(): Promise<void>;
}

/** What goes wrong around the service, from outside of it but for the store. */
export const openFaults = (world: FaultWorld): Faults => {
  const { chance } = world;
  const done: Record<string, number> = {};
  const running = new Set<Promise<unknown>>();
  let lives: Promise<unknown> = Promise.resolve();
  const strike = (deaths: boolean): void => {
    const [name, work] = chance.one(deaths ? KINDS : KINDS.filter(([kind]) => !isDeath(kind)));
    done[name] = (done[name] ?? 0) + 1;
    // One death after another: what comes up is killed by the next one, not while it starts.
    const struck = (isDeath(name) ? lives : Promise.resolve()).then(() => work(world)).catch(() => undefined);
    if (isDeath(name)) lives = struck;
    running.add(struck);
    void struck.finally(() => running.delete(struck));
  };
  const end = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
    world.forge.switches.reset();
    world.relay.faults = false;
    world.cloud.edit((account) => {
      account.faults = {};
    });
    world.state.failWrites(0);
    await world.replica.ask({ ask: "store", fails: 0 });
  };
  return { done, strike, end };
};

const isDeath = (kind: string): boolean => kind.startsWith("service");

type Strike = (world: FaultWorld) => void | Promise<void>;

const KINDS: readonly (readonly [string, Strike])[] = [
  [
    "forge errors",
    ({ forge, chance }) => {
      for (let left = 1 + chance.below(4); left > 0; left -= 1)
        forge.switches.fail({
          status: chance.one([500, 502, 503] as const),
          afterwards: chance.happens(0.4),
        });
    },
  ],
  ["rate limits", ({ forge, chance }) => forge.switches.secondaryLimit(1 + chance.below(3))],
  [
    "forge down",
    ({ forge, chance }) => {
      forge.switches.down = true;
      return wait(500 + chance.below(2_500)).then(() => {
        forge.switches.down = false;
      });
    },
  ],
  ["database cut", ({ replica }) => replica.cutDatabase()],
  ["service killed", ({ replica }) => replica.killAndStart()],
  ["service restarted", ({ replica }) => replica.restart()],
  [
    "store errors",
    async ({ replica, chance }) => {
      await replica.ask({ ask: "store", fails: 0.3 });
      await wait(500 + chance.below(2_500));
      await replica.ask({ ask: "store", fails: 0 });
    },
  ],
  ["state not saved", ({ state }) => state.failWrites(1)],
  [
    "cloud errors",
    async ({ cloud, chance }) => {
      cloud.edit((account) => {
        account.faults = { "aws_iam_role.create": "Throttling: Rate exceeded", "*.read": { delayMs: 200 } };
      });
      await wait(1_000 + chance.below(3_000));
      cloud.edit((account) => {
        account.faults = {};
      });
    },
  ],
];

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
