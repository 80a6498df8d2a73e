import type { Principal } from "../../model/access.ts";
import type { Json } from "../../model/json.ts";
import type { PullRef } from "../../model/pull.ts";
import type { Piece } from "./html.ts";

/** What one page may know when it is made. */
export interface Asked {
  readonly principal: Principal;
  /** Of the address; what was left empty in a form is not there. */
  readonly query: Readonly<Record<string, string>>;
  /** What the path names. */
  readonly id: string;
  readonly now: Date;
  /** A question of the API by its name, asked as the principal; what it gives has passed the redactor. */
  readonly ask: <Answer>(
    name: string,
    given?: { readonly id?: string; readonly query?: Readonly<Record<string, unknown>> },
  ) => Promise<Answer>;
  /** The word that each form must repeat; null where a token asks and there is no session. */
  readonly csrf: string | null;
  /** Where the forge shows a pull request; null where that is not known. */
  readonly pullUrl: (pull: PullRef) => string | null;
}

export interface Drawn {
  readonly title: string;
  readonly body: Piece;
  /** Address of a module that the page works without. */
  readonly script?: string;
}

/** One page: its path and how it is made. */
export interface Page {
  readonly path: string;
  /** Its word in the navigation; null where other pages lead to it. */
  readonly menu: string | null;
  readonly draw: (asked: Asked) => Promise<Drawn>;
}

/** A value as people read it: texts plain, everything else as JSON. */
export const valueText = (value: Json): string =>
  typeof value === "string" ? value : value === null ? "nothing" : JSON.stringify(value);
