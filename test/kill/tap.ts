/** Called around every call of a port; `label` is such as `ledger.runs.transition`. */
export type OnCall = (when: "before" | "after", label: string) => void;

/** The same port, whose every call is told before it begins and after it has succeeded or failed. */
export const tapped = <Port extends object>(label: string, port: Port, onCall: OnCall): Port =>
  new Proxy(port, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof key === "symbol") return value;
      if (typeof value === "function")
        return (...given: readonly unknown[]) =>
          call(`${label}.${key}`, (args) => Reflect.apply(value, target, [...args]), given, onCall);
      // Parts of a run's log are written by the clock: no two runs write as many.
      if (label === "ledger" && key === "runLogs") return value;
      return label === "ledger" && isObject(value) ? tapped(`ledger.${key}`, value, onCall) : value;
    },
  });

const call = (
  label: string,
  work: (args: readonly unknown[]) => unknown,
  given: readonly unknown[],
  onCall: OnCall,
): unknown => {
  onCall("before", label);
  const args = label === "ledger.transaction" ? given.map((one) => inner(one, onCall)) : given;
  const result = work(args);
  if (!(result instanceof Promise)) {
    onCall("after", label);
    return result;
  }
  return result.then(
    (value: unknown) => {
      onCall("after", label);
      return handedOut(label, value, onCall);
    },
    (failure: unknown) => {
      onCall("after", label);
      throw failure;
    },
  );
};

/** What runs inside a transaction uses that transaction's ledger, which is told of too. */
const inner = (work: unknown, onCall: OnCall): unknown =>
  typeof work === "function"
    ? (ledger: object): unknown => Reflect.apply(work, null, [tapped("ledger", ledger, onCall)])
    : work;

const HANDED_OUT: Readonly<Record<string, string>> = {
  "engines.pick": "engine",
  "migrations.pick": "migration",
  "git.checkout": "worktree",
};

const handedOut = (label: string, value: unknown, onCall: OnCall): unknown => {
  const name = HANDED_OUT[label];
  return name !== undefined && isObject(value) ? tapped(name, value, onCall) : value;
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
