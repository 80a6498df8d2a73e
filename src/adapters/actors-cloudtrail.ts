import {
  CloudTrailClient,
  type Event as CloudTrailRecord,
  LookupEventsCommand,
} from "@aws-sdk/client-cloudtrail";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { awsServiceOf, type CalledResource, isSameAwsResource } from "./actors-aws-names.ts";
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
 * AWS CloudTrail's LookupEvents: the last writing call on a resource of this type and name (exact), else the last one
 * that names something of its service so, else the last one to its service (guess). It holds 90 days of management
 * events of one region, up to 15 minutes late.
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
      const service = awsServiceOf(question.type);
      const alike: AuditEvent[] = [];
      for (const [at, value] of question.names.slice(0, MOST_NAMES).entries()) {
        const events = await lookup(client, { key: "ResourceName", value }, question, signal);
        const same = events.filter(({ about }) =>
          about.some((one) => one.name === value && isSameAwsResource(one, question.type, at === 0)),
        );
        const found = newestActor(same, options.ownPrincipals, { confidence: "exact", source: NAME });
        if (found) return found;
        alike.push(...events.filter((event) => event.service === service));
      }
      const guess = { confidence: "guess", source: NAME } as const;
      const named = newestActor(alike, options.ownPrincipals, guess);
      if (named || service === null) return named;
      const events = await lookup(client, { key: "EventSource", value: service }, question, signal);
      return newestActor(events, options.ownPrincipals, guess);
    },
  };
};

type Call = AuditEvent & { readonly service: string; readonly about: readonly CalledResource[] };

const lookup = async (
  client: CloudTrailClient,
  attribute: { readonly key: "ResourceName" | "EventSource"; readonly value: string },
  { from, to }: Pick<ActorQuestion, "from" | "to">,
  signal: AbortSignal,
): Promise<readonly Call[]> => {
  const events: Call[] = [];
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
    events.push(...(answer.Events ?? []).flatMap(readEvent));
    next = answer.NextToken;
    if (next === undefined) break;
  }
  return events;
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html; `ReadOnly` is a text there. */
const readEvent = (event: CloudTrailRecord): readonly Call[] => {
  const { ReadOnly, EventName: name, EventTime: at, EventSource: service = "", Username } = event;
  const caller = callerIn(event.CloudTrailEvent);
  if (ReadOnly === "true" || !name || !at || caller.failed) return [];
  const about = (event.Resources ?? []).map(({ ResourceType, ResourceName }) => ({
    ...{ service, call: name, type: ResourceType ?? null, name: ResourceName ?? "" },
  }));
  return [{ name, at, who: caller.arn ?? Username ?? "somebody unknown", service, about }];
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
