import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { type AuditEvent, newestActor } from "./actors-event.ts";

export interface CloudTrailOptions {
  readonly region: string | null;
  /** Another address of the API, such as a VPC endpoint. */
  readonly endpoint: string | null;
  /** The principal that Plumbline's own applies run as: what it did is no news. */
  readonly ownPrincipals: readonly string[];
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const NAME = "CloudTrail";

// LookupEvents allows two calls a second and 50 events a page; more names would cost more than they tell.
const MOST_NAMES = 3;
const MOST_PAGES = 2;

/**
 * AWS CloudTrail's LookupEvents: the last writing call that names the resource (exact), else the last one to its service
 * (guess). It holds 90 days of management events of one region, some minutes late.
 */
export const cloudTrailLookup = (options: CloudTrailOptions): ActorLookup => {
  const client = new CloudTrailClient({
    ...(options.region === null ? {} : { region: options.region }),
    ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
    ...(options.credentials ? { credentials: options.credentials } : {}),
    maxAttempts: 2,
  });
  return {
    name: NAME,
    covers: (type) => type.startsWith("aws_"),
    find: async (question, signal) => {
      for (const value of question.names.slice(0, MOST_NAMES)) {
        const events = await lookup(client, { key: "ResourceName", value }, question, signal);
        const found = newestActor(events, options.ownPrincipals, { confidence: "exact", source: NAME });
        if (found) return found;
      }
      const value = sourceOf(question.type);
      if (value === null) return null;
      const events = await lookup(client, { key: "EventSource", value }, question, signal);
      return newestActor(events, options.ownPrincipals, { confidence: "guess", source: NAME });
    },
  };
};

const lookup = async (
  client: CloudTrailClient,
  attribute: { readonly key: "ResourceName" | "EventSource"; readonly value: string },
  { from, to }: Pick<ActorQuestion, "from" | "to">,
  signal: AbortSignal,
): Promise<readonly AuditEvent[]> => {
  const events: AuditEvent[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: attribute.key, AttributeValue: attribute.value }],
        ...{ StartTime: from, EndTime: to, MaxResults: 50 },
        ...(next === undefined ? {} : { NextToken: next }),
      }),
      { abortSignal: signal },
    );
    for (const { ReadOnly, EventName: name, EventTime: at, Username, CloudTrailEvent } of answer.Events ??
      []) {
      const caller = callerIn(CloudTrailEvent);
      if (ReadOnly === "true" || !name || !at || caller.failed) continue;
      events.push({ name, at, who: caller.arn ?? Username ?? "somebody unknown" });
    }
    next = answer.NextToken;
    if (next === undefined) break;
  }
  return events;
};

/** The ARN of whoever called: it tells the role and the session, where the user name tells the session alone. */
const callerIn = (text: string | undefined): { readonly arn: string | null; readonly failed: boolean } => {
  const event = parsed(text);
  const identity = event["userIdentity"] ?? null;
  const arn = isJsonObject(identity) ? identity["arn"] : null;
  return { arn: typeof arn === "string" ? arn : null, failed: event["errorCode"] !== undefined };
};

const parsed = (text: string | undefined): JsonObject => {
  try {
    const event = JSON.parse(text ?? "{}") as Json;
    return isJsonObject(event) ? event : {};
  } catch {
    return {};
  }
};

/** Services whose name is no part of the resource types. */
const SERVICES: Readonly<Record<string, string>> = {
  db: "rds",
  ...{ instance: "ec2", security: "ec2", vpc: "ec2", subnet: "ec2", ebs: "ec2", eip: "ec2", route: "ec2" },
  ...{ network: "ec2", nat: "ec2", internet: "ec2", launch: "ec2", ami: "ec2", default: "ec2" },
  ...{ lb: "elasticloadbalancing", alb: "elasticloadbalancing", elb: "elasticloadbalancing" },
  ...{ cloudwatch: "monitoring", efs: "elasticfilesystem", msk: "kafka", docdb: "rds", neptune: "rds" },
};

/** `aws_db_instance`: `rds.amazonaws.com`. */
const sourceOf = (type: string): string | null => {
  const [, word] = type.split("_");
  return word === undefined ? null : `${SERVICES[word] ?? word}.amazonaws.com`;
};
