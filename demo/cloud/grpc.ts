// Unary gRPC without a gRPC library: one length-prefixed message each way over HTTP/2, the status in the trailers.
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { METHODS } from "./messages.ts";
import type { Provider } from "./provider.ts";
import { decodeMessage, encodeMessage } from "./wire.ts";

const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const GRPC = { ":status": 200, "content-type": "application/grpc+proto" };
type Refusal = { readonly code: number; readonly message: string };

/** Serves the provider's calls; `shutdown` is called when the engine asks the plugin to end. */
export const grpcHandler =
  (provider: Provider, shutdown: () => void, log: (text: string) => void) =>
  (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const path = String(headers[":path"]);
    stream.on("error", (error) => log(`stream: ${error.message}`));
    // Streaming calls (the plugin library's broker and stdio) may never end their request: refuse at once.
    if (/GRPCBroker|GRPCStdio/.test(path)) {
      refuse(stream, { code: UNIMPLEMENTED, message: path });
      return;
    }
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", async () => {
      const reply = await answer(provider, path, Buffer.concat(chunks), shutdown);
      if (Buffer.isBuffer(reply)) respond(stream, reply);
      else {
        log(`${path}: ${reply.message}`);
        refuse(stream, reply);
      }
    });
  };

const answer = async (
  provider: Provider,
  path: string,
  body: Buffer,
  shutdown: () => void,
): Promise<Buffer | Refusal> => {
  if (path === "/plugin.GRPCController/Shutdown") {
    shutdown();
    return Buffer.alloc(0);
  }
  if (path === "/grpc.health.v1.Health/Check") return Buffer.from([8, 1]); // status: SERVING
  const name = /^\/tfplugin6\.Provider\/(\w+)$/.exec(path)?.[1] ?? "";
  const [request, response] = METHODS[name] ?? [];
  const call = provider[name];
  if (!request || !response || !call) return { code: UNIMPLEMENTED, message: path };
  try {
    return encodeMessage(response, await call(decodeMessage(request, body.subarray(5))));
  } catch (cause) {
    return { code: INTERNAL, message: (cause as Error).stack ?? String(cause) };
  }
};

const refuse = (stream: ServerHttp2Stream, { code, message }: Refusal): void =>
  stream.respond(
    { ...GRPC, "grpc-status": String(code), "grpc-message": encodeURIComponent(message) },
    { endStream: true },
  );

const respond = (stream: ServerHttp2Stream, message: Buffer): void => {
  if (stream.destroyed) return;
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([head, message]));
};
