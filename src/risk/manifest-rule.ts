import type { Condition } from "../model/catalogue.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { JsonObject } from "../model/json.ts";

/** A rule at one path of a kind; `{before}` and `{after}` of its message are filled in. */
export interface FieldRule {
  readonly id: string;
  readonly class: ChangeClass;
  readonly path: readonly (string | number)[];
  readonly when: Condition;
  readonly message: string;
  readonly wayOut: string;
  readonly values?: readonly string[];
  readonly unlimited?: readonly number[];
  readonly absent?: number;
  /** Asked of new objects too. */
  readonly onCreate?: true;
  readonly unless?: (after: JsonObject) => boolean;
}

export interface KindRule {
  /** `*`: every kind of the group. */
  readonly kinds: readonly string[];
  readonly group?: RegExp;
  readonly destroy: ChangeClass;
  /** What goes with it, as the end of the sentence "Deletes the X". */
  readonly loss: string;
  readonly create?: ChangeClass;
  readonly update?: ChangeClass;
  readonly worseWhere?: (before: JsonObject) => { readonly class: ChangeClass; readonly loss: string } | null;
  /** Where chart values lie. */
  readonly values?: readonly (readonly string[])[];
  readonly fields: readonly FieldRule[];
}

export const rule = (
  id: string,
  level: ChangeClass,
  when: Condition,
  path: string | readonly string[],
  message: string,
  wayOut: string,
  more: Partial<FieldRule> = {},
): FieldRule => ({
  id,
  class: level,
  when,
  path: typeof path === "string" ? path.split(".") : path,
  message,
  wayOut,
  ...more,
});

export const NEW_VOLUME =
  "Make a new volume, copy the data, move the workload over, and keep the old one for a while.";
export const NEW_TOPIC = "Make a new topic beside it and move producers and consumers over.";
export const COPY_FIRST = "Make sure that every reader is past the new limit, or copy the data first.";
export const ASK_OWNER = "Let the data owner accept it.";
