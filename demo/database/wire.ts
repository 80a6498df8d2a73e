// What of PostgreSQL's protocol PGlite leaves to whoever serves it: how a session opens, and where a request ends.

export interface Opening {
  readonly asks: "session" | "encryption" | "cancel";
  /** Bytes of the message. */
  readonly length: number;
}

const CANCEL = 80_877_102;
const ENCRYPTION = new Set([80_877_103, 80_877_104]);

/** The first message of a connection; null while it is not all there. */
export const openingOf = (bytes: Buffer): Opening | null => {
  if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return null;
  const length = bytes.readInt32BE(0);
  const code = bytes.readInt32BE(4);
  if (code === CANCEL) return { asks: "cancel", length };
  return { asks: ENCRYPTION.has(code) ? "encryption" : "session", length };
};

export interface Requests {
  /** Each ends where the server has to answer. */
  readonly requests: readonly Buffer[];
  /** What is not all there yet. */
  readonly left: Buffer;
  /** The client said goodbye. */
  readonly isOver: boolean;
}

/** Cuts a client's messages into requests: a simple query, or extended ones up to their Sync or Flush. */
export const splitRequests = (bytes: Buffer): Requests => {
  const requests: Buffer[] = [];
  let begin = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) break;
    const type = String.fromCharCode(bytes[at] ?? 0);
    at = end;
    if (type === "X") return { requests, left: Buffer.alloc(0), isOver: true };
    if (!"QSH".includes(type)) continue;
    requests.push(bytes.subarray(begin, end));
    begin = end;
  }
  return { requests, left: bytes.subarray(begin), isOver: false };
};

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const setting = (name: string, value: string): Buffer => message("S", Buffer.from(`${name}\0${value}\0`));

/** Welcome without a password, the settings that clients want to know, and the word that queries may come. */
export const greeting = (version: string): Buffer =>
  Buffer.concat([
    message("R", Buffer.alloc(4)),
    setting("server_version", version),
    setting("client_encoding", "UTF8"),
    setting("integer_datetimes", "on"),
    setting("standard_conforming_strings", "on"),
    message("K", Buffer.alloc(8)),
    message("Z", Buffer.from("I")),
  ]);
