import { z } from "zod";
import { SEVERITIES } from "../model/alert.ts";

const text = z.string();
/** As `Date.toISOString` writes it. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const address = z.string().regex(/^https?:\/\//);
const severity = z.enum(SEVERITIES);
const link = z.object({ label: text, url: address });
const owners = z.array(text).describe("Logins, and teams as `@org/team`.");
const who = text.nullable().describe("Who did it outside of Git, when, and how sure that is.");

const alert = z.object({
  id: text.describe("Names this life of the finding: what opens again is another one."),
  fingerprint: text.describe("The same for every life of the finding."),
  workspace: text.describe("Its key; empty where it is about the service itself."),
  ...{ severity, owners, title: text, text, who },
  openedAt: time,
  endedAt: time.nullable(),
  acked: z.object({ by: text }).nullable().describe("Who has it in hand."),
  links: z.array(link).describe("Where to formalize, revert or snooze it."),
});

/** What the `webhook` channel sends. New fields may be added to version 1; none is removed. */
export const alertBodySchema = z.object({
  version: z.literal(1),
  event: z.enum(["opened", "updated", "acknowledged", "reminded", "escalated", "ended", "digest", "test"]),
  kind: z.enum(["single", "flapping", "storm", "digest"]),
  thread: text.describe("The same for everything that is said of one matter."),
  ...{ severity, title: text, text },
  at: time,
  fingerprint: text.describe("Of the one finding; else the thread."),
  id: text.describe("Of the one finding's life; else the thread."),
  workspace: text.describe("Of the one finding; else empty."),
  url: address.nullable().describe("The first of `links`."),
  ...{ who, owners },
  links: z.array(link).describe("Where to act on the one finding; else the page that lists all."),
  alerts: z.array(alert).describe("The worst first; none in a test."),
});

export type AlertBody = z.infer<typeof alertBodySchema>;
