import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Seeded } from "../seeded.ts";

/** Stands between the forge and the service and treats deliveries badly. */
export interface Relay {
  readonly url: string;
  /** Off: everything passes at once and in order. */
  faults: boolean;
  readonly seen: { deliveries: number; dropped: number; doubled: number; late: number; unreachable: number };
  /** Resolves when nothing is held back. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const SHARE = { dropped: 0.03, doubled: 0.06, late: 0.08 };
const LATE_MS = 4_000;

/** `target` is where the service takes webhooks in. */
export const startRelay = async (target: string, chance: Seeded): Promise<Relay> => {
  const seen = { deliveries: 0, dropped: 0, doubled: 0, late: 0, unreachable: 0 };
  const held = new Set<Promise<unknown>>();
  const pass = async (delivery: Delivery): Promise<number> => {
    const status = await forward(target, delivery);
    if (status === UNREACHABLE) seen.unreachable += 1;
    return status;
  };
  const take = async (delivery: Delivery): Promise<number> => {
    seen.deliveries += 1;
    if (relay.faults && chance.happens(SHARE.dropped)) {
      seen.dropped += 1;
      return UNREACHABLE;
    }
    if (relay.faults && chance.happens(SHARE.late)) {
      seen.late += 1;
      const later = wait(chance.below(LATE_MS)).then(() => pass(delivery));
      held.add(later);
      void later.finally(() => held.delete(later));
      return 202;
    }
    if (relay.faults && chance.happens(SHARE.doubled)) {
      seen.doubled += 1;
      await pass(delivery);
    }
    return pass(delivery);
  };
  const server = createServer((request, response) => {
    void read(request)
      .then((body) => take({ headers: headersOf(request), body }))
      .then(
        (status) => response.writeHead(status).end(),
        () => response.destroy(),
      );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: true,
    seen,
    idle: async () => {
      while (held.size > 0) await Promise.all(held);
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return relay;
};

interface Delivery {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const UNREACHABLE = 502;

const forward = async (target: string, { headers, body }: Delivery): Promise<number> => {
  try {
    const answer = await fetch(target, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(10_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return UNREACHABLE;
  }
};

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && (name.startsWith("x-") || name === "content-type") ? [[name, value]] : [],
    ),
  );

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
