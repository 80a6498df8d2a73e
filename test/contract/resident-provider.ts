// The demo provider served by the test's own process. An engine starts a provider several times per plan, and each
// start of Node costs more than the plan; engines attach to this one instead, as they do to a provider in a debugger.
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { grpcHandler } from "../../demo/cloud/grpc.ts";
import { createProvider } from "../../demo/cloud/provider.ts";

const PROVIDERS = {
  "hashicorp/aws": "terraform-provider-aws_v6.0.0",
  "mongey/kafka": "terraform-provider-kafka_v0.13.0",
};

export interface ResidentProvider {
  /** For an engine's environment: attach instead of starting a provider. */
  readonly env: { readonly TF_REATTACH_PROVIDERS: string };
  close(): Promise<void>;
}

/** Each connection has a provider of its own, as each engine has a process of its own elsewhere. */
export const serveResident = async (accountFile: string): Promise<ResidentProvider> => {
  const served = await Promise.all(
    Object.entries(PROVIDERS).map(async ([address, program]) => {
      const { port, close } = await serve(program, accountFile);
      const addr = { Network: "tcp", String: `127.0.0.1:${port}` };
      return {
        address,
        close,
        config: { Protocol: "grpc", ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: addr },
      };
    }),
  );
  const configs = Object.fromEntries(served.map(({ address, config }) => [address, config]));
  return {
    env: { TF_REATTACH_PROVIDERS: JSON.stringify(configs) },
    close: async () => void (await Promise.all(served.map(({ close }) => close()))),
  };
};

const serve = async (program: string, accountFile: string) => {
  const server = createServer({ settings: { initialWindowSize: 1 << 24, maxConcurrentStreams: 1000 } });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
    const provider = createProvider({ program, accountFile, logReads: false });
    session.on(
      "stream",
      grpcHandler(
        provider,
        () => undefined,
        () => undefined,
      ),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = (): Promise<void> =>
    new Promise((done) => {
      for (const session of sessions) session.destroy();
      server.close(() => done());
    });
  return { port: (server.address() as AddressInfo).port, close };
};
