// What the cloud does with a change: create, update or delete one entry of the account.
import {
  type Account,
  type CallName,
  changeAccount,
  type Entry,
  type LogLine,
  logRequest,
} from "./account.ts";
import { attributeType, type Kind, toEntry, toState } from "./resource.ts";
import { hasUnknown, type Obj, same } from "./values.ts";

/** Null `before` creates, null `after` deletes. Returns the state that the engine shall record. */
export const applyChange = (file: string, kind: Kind, before: Obj | null, after: Obj | null): Obj | null => {
  const result = changeAccount(file, (account): { result: Applied; line: LogLine } => {
    const call = callOf(before, after);
    try {
      const done = carryOut(account, kind, before, after);
      const line = lineOf(call, kind.name, done.id, done.changed);
      return { result: { state: done.state }, line };
    } catch (cause) {
      const error = (cause as Error).message;
      const line = { ...lineOf(call, kind.name, before ? String(before["id"]) : null, []), error };
      return { result: { error }, line };
    }
  });
  if ("error" in result) throw new Error(result.error);
  return result.state;
};

type Applied = { readonly state: Obj | null } | { readonly error: string };
interface Done {
  readonly state: Obj | null;
  readonly id: string;
  readonly changed: readonly string[];
}

export const callOf = (before: Obj | null, after: Obj | null): CallName => {
  if (!before) return "create";
  return after ? "update" : "delete";
};

/** A call that a planted fault stopped; it reached the cloud all the same. */
export const logFailure = (
  file: string,
  call: CallName,
  type: string,
  id: string | null,
  error: string,
): void => logRequest(file, { ...lineOf(call, type, id, []), error });

export const lineOf = (
  call: CallName,
  type: string,
  id: string | null,
  changed: readonly string[],
): LogLine => ({
  at: new Date().toISOString(),
  call,
  type,
  id,
  changed,
});

const carryOut = (account: Account, kind: Kind, before: Obj | null, after: Obj | null): Done => {
  account.resources[kind.name] ??= {};
  const entries = account.resources[kind.name] as { [id: string]: Entry };
  if (!before) return create(account, entries, kind, after ?? {});
  return after ? update(entries, kind, before, after) : remove(entries, kind, before);
};

const create = (account: Account, entries: { [id: string]: Entry }, kind: Kind, planned: Obj): Done => {
  const { spec } = kind;
  const state: Obj = { ...planned };
  if (hasUnknown(state["name"] ?? null))
    state["name"] = spec.attributes["name"]?.create?.(state, account) ?? null;
  const id = spec.id(state);
  state["id"] = id;
  if (entries[id]) throw new Error(`AlreadyExists: ${kind.name} "${id}" is already in the account`);
  for (const [name, attribute] of Object.entries(spec.attributes)) {
    if (hasUnknown(state[name] ?? null) && attribute.create) state[name] = attribute.create(state, account);
  }
  for (const [name, attribute] of Object.entries(spec.attributes)) {
    const calculate = attribute.derive ?? attribute.tick;
    if (calculate) state[name] = calculate(state);
  }
  const entry = toEntry(kind, state);
  entries[id] = entry;
  return { state, id, changed: Object.keys(entry) };
};

// Writes what changes, and leaves alone what somebody else changed since the refresh.
const update = (entries: { [id: string]: Entry }, kind: Kind, before: Obj, after: Obj): Done => {
  const id = String(before["id"]);
  const entry = entries[id];
  if (!entry) throw new Error(`NotFound: ${kind.name} "${id}" is not in the account`);
  const had = toEntry(kind, before);
  const wanted = toEntry(kind, after);
  const changed = [...new Set([...Object.keys(wanted), ...Object.keys(had)])].filter(
    (name) => !same(before[name] ?? null, after[name] ?? null, attributeType(kind, name)),
  );
  for (const name of changed) {
    if (name in wanted) entry[name] = wanted[name];
    else delete entry[name];
  }
  return { state: after, id, changed };
};

const remove = (entries: { [id: string]: Entry }, kind: Kind, before: Obj): Done => {
  const id = String(before["id"]);
  const entry = entries[id];
  const refusal = entry && kind.spec.refuseDelete?.(toState(kind, id, entry, before));
  if (refusal) throw new Error(refusal);
  delete entries[id];
  return { state: null, id, changed: entry ? Object.keys(entry) : [] };
};
