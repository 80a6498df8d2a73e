// What the engine starts: the plugin handshake on stdout, mutual TLS, then calls until it says stop.
import { createSecureServer, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./certificate.ts";
import { grpcHandler } from "./grpc.ts";
import { createProvider } from "./provider.ts";

const { env } = process;
const MAGIC_COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
// The engine opens one connection and runs up to ten calls at once; messages may be large.
const SETTINGS = { initialWindowSize: 1 << 24, maxConcurrentStreams: 1000 };

const main = (): void => {
  if (env["TF_PLUGIN_MAGIC_COOKIE"] !== MAGIC_COOKIE) {
    process.stderr.write("This is a provider; it is started by terraform or tofu, not by a person.\n");
    process.exit(1);
  }
  console.log = console.error; // stdout belongs to the handshake
  endWithTheEngine();
  const { server, certificate } = listener(env["PLUGIN_CLIENT_CERT"]);
  const provider = createProvider({
    program: process.argv[1] ?? "",
    accountFile: env["DEMOCLOUD_ACCOUNT_FILE"] || "cloud.json",
    logReads: env["DEMOCLOUD_LOG_READS"] === "1",
  });
  const log = (text: string): void => void process.stderr.write(`[DEBUG] ${text}\n`);
  const shutdown = (): void => void setTimeout(() => process.exit(0), 20);
  server.on("stream", grpcHandler(provider, shutdown, log));
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`1|6|tcp|127.0.0.1:${port}|grpc|${certificate}\n`);
  });
};

const listener = (clientCert: string | undefined): { server: Http2Server; certificate: string } => {
  if (!clientCert) return { server: createServer({ settings: SETTINGS }), certificate: "" };
  const { der, certPem, keyPem } = selfSigned();
  const server = createSecureServer({
    cert: certPem,
    key: keyPem,
    ca: clientCert,
    requestCert: true,
    rejectUnauthorized: true,
    settings: SETTINGS,
  });
  // Go's decoder wants base64 without padding.
  return { server, certificate: der.toString("base64").replace(/=+$/, "") };
};

const endWithTheEngine = (): void => {
  process.on("SIGINT", () => undefined); // Ctrl-C reaches the whole group; the engine says when to stop
  const parent = process.ppid;
  const watch = setInterval(() => process.ppid !== parent && process.exit(1), 1000);
  watch.unref();
};

main();
