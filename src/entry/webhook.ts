import type { ForgeEvent } from "../model/forge-event.ts";
import { along } from "../model/trail.ts";
import type { WebhookAnswer, WebhookForge, WebhookRequest } from "../model/webhook.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryRows, OutboxRows } from "../ports/ledger-messages.ts";
import type { Log } from "../ports/log.ts";
import { giteaEvent } from "./gitea-events.ts";
import { githubEvent } from "./github-events.ts";
import { gitlabEvent } from "./gitlab-events.ts";
import { allowsRepo } from "./webhook-allowlist.ts";
import { parseBody } from "./webhook-body.ts";
import { type DeliveryHeaders, forgeOf, readHeaders } from "./webhook-headers.ts";
import { isGenuine } from "./webhook-signature.ts";

export interface WebhookWorld {
  readonly ledger: IntakeLedger;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Any of them may have signed, so that a secret can be changed without a gap. None: nothing is let in. */
  readonly secrets: readonly string[];
  /** `owner/repo`, `owner/*`. */
  readonly allowlist: readonly string[];
  /** Wakes the outbox relay after the commit. */
  readonly nudge: () => void;
}

/** The two drawers of the ledger that an intake opens. */
export interface IntakeLedger {
  transaction<T>(work: (ledger: IntakeRows) => Promise<T>): Promise<T>;
}
interface IntakeRows {
  readonly deliveries: DeliveryRows;
  readonly outbox: OutboxRows;
}

/**
 * Takes one delivery in: signature over the raw bytes first, then the words, then one transaction that remembers
 * the delivery and stores its job. Answers 202 for everything genuine, also for what it ignores; 401 for a missing
 * or wrong signature, with nothing parsed; 400 for what can't be read. Throws only where the ledger does.
 */
export const receiveWebhook = async (
  world: WebhookWorld,
  request: WebhookRequest,
): Promise<WebhookAnswer> => {
  const forge = forgeOf(request);
  const headers = readHeaders(forge, request);
  if (headers.proof === null) return refuse(401, unsigned(forge));
  if (!isGenuine(headers.proof, request.rawBody, world.secrets)) return refuse(401, wrongSecret);
  if (headers.event === null || headers.delivery === null) return refuse(400, missingHeaders(forge));
  const body = parseBody(request.rawBody, headers.contentType);
  if (!body.ok) return refuse(400, body.message);
  return store(world, forge, { ...headers, event: headers.event, delivery: headers.delivery }, body.payload);
};

type NamedDelivery = DeliveryHeaders & { readonly event: string; readonly delivery: string };

const store = async (
  world: WebhookWorld,
  forge: WebhookForge,
  headers: NamedDelivery,
  payload: unknown,
): Promise<WebhookAnswer> => {
  const event = TRANSLATE[forge](headers.event, payload);
  if (event === null) return accept("Nothing to do for this event.");
  const repo = repoOf(event);
  if (!allowsRepo(world.allowlist, repo)) return ignoreForeign(world, repo);
  const delivery = `${forge}:${headers.delivery}`;
  return along(world.log, { request: delivery }, async () => {
    const first = await world.ledger.transaction(async (ledger) => {
      const now = world.clock.now();
      const isNew = await ledger.deliveries.remember(delivery, now);
      if (isNew) await ledger.outbox.add([{ job: { kind: "event", delivery, event } }], now);
      return isNew;
    });
    if (!first) return accept("This delivery was taken in before.");
    world.log.info("a webhook was taken in", { event: event.type, repo });
    world.nudge();
    return accept("Taken in.");
  });
};

const TRANSLATE: Readonly<Record<WebhookForge, (event: string, payload: unknown) => ForgeEvent | null>> = {
  github: githubEvent,
  gitea: giteaEvent,
  gitlab: gitlabEvent,
};

const repoOf = (event: ForgeEvent): string => ("pull" in event ? event.pull.repo : event.repo);

/** Once per repository over all replicas: the ledger remembers that it was said. */
const ignoreForeign = async (world: WebhookWorld, repo: string): Promise<WebhookAnswer> => {
  const first = await world.ledger.transaction((ledger) =>
    ledger.deliveries.remember(`not-allowed:${repo.toLowerCase()}`, world.clock.now()),
  );
  if (first) world.log.info("webhooks of a repository outside of the allow list are ignored", { repo });
  return accept("This repository is not in the allow list.");
};

const accept = (message: string): WebhookAnswer => ({ status: 202, body: { message } });
const refuse = (status: 400 | 401, message: string): WebhookAnswer => ({ status, body: { message } });

const SIGNATURE_HEADER: Readonly<Record<WebhookForge, string>> = {
  github: "X-Hub-Signature-256",
  gitea: "X-Gitea-Signature",
  gitlab: "X-Gitlab-Token",
};
const unsigned = (forge: WebhookForge): string =>
  `The request has no ${SIGNATURE_HEADER[forge]} header. Give the webhook the secret that Plumbline was given.`;
const wrongSecret = "The signature is wrong. Give the webhook the secret that Plumbline was given.";
const missingHeaders = (forge: WebhookForge): string =>
  ({
    github: "The request needs the headers X-GitHub-Event and X-GitHub-Delivery.",
    gitea: "The request needs the headers X-Gitea-Event and X-Gitea-Delivery.",
    gitlab: "The request needs the headers X-Gitlab-Event and Idempotency-Key or X-Gitlab-Event-UUID.",
  })[forge];
