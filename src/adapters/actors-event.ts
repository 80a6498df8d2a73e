import type { Actor } from "../model/alert.ts";

/** A writing call that succeeded, as an audit log holds it. */
export interface AuditEvent {
  readonly name: string;
  readonly at: Date;
  readonly who: string;
}

/** The newest of them that was not Plumbline's own; null where there is none. */
export const newestActor = (
  events: readonly AuditEvent[],
  ownPrincipals: readonly string[],
  how: Pick<Actor, "confidence" | "source">,
): Actor | null => {
  const [newest] = events
    .filter(({ who }) => !ownPrincipals.some((own) => who.includes(own)))
    .toSorted((left, right) => right.at.getTime() - left.at.getTime());
  return newest ? { who: newest.who, at: newest.at, action: newest.name, ...how } : null;
};
