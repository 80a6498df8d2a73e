import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedAlert {
  readonly event: string;
  readonly title: string;
  readonly text: string;
  readonly url: string | null;
  readonly who: string | null;
  readonly alerts: readonly {
    readonly workspace: string;
    readonly links: readonly { readonly label: string; readonly url: string }[];
  }[];
}

/** Whoever is on call: takes alerts as JSON and keeps them. */
export const startAlertReceiver = async (): Promise<{
  readonly url: string;
  readonly received: readonly ReceivedAlert[];
  close(): Promise<void>;
}> => {
  const received: ReceivedAlert[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push(JSON.parse(Buffer.concat(chunks).toString()) as ReceivedAlert);
    response.writeHead(204).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    received,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
