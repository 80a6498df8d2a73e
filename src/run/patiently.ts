import type { ErrorCode } from "../model/error-codes.ts";
import { asPlumblineError } from "../model/errors.ts";
import type { World } from "./world.ts";

const PAUSE_MS = 1_000;
const AWAY: readonly ErrorCode[] = ["database-unavailable", "store-unavailable", "not-writable"];

/**
 * The same world, whose ledger and artifact store are waited for while they are away: what an apply has done is known
 * to nobody else. A service that stops waits no longer than for the apply itself; the next start looks at the state.
 */
export const patiently = (world: World): World => ({
  ...world,
  ledger: waited(world, world.ledger),
  artifacts: {
    ...world.artifacts,
    put: (key, content) => untilThere(world, () => world.artifacts.put(key, content)),
  },
});

const waited = <Port extends object>(world: World, port: Port): Port => {
  const wrapped = Object.entries(port).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "function"
      ? (...given: readonly unknown[]) =>
          untilThere(world, () => Reflect.apply(value, port, [...given]) as Promise<unknown>)
      : waited(world, value as object),
  ]);
  return Object.fromEntries(wrapped) as Port;
};

const untilThere = async <T>(world: World, work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const { code } = asPlumblineError(thrown);
      if (!AWAY.includes(code) || world.interruptApplies.aborted) throw thrown;
      world.log.warn("a run's outcome waits until it can be stored", { code });
      await world.clock.wait(PAUSE_MS, world.interruptApplies);
    }
  }
};
