// A throw-away self-signed certificate for the plugin handshake, in bare DER: no dependency, about 1 ms.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** `der` goes into the handshake line, the PEM texts into the TLS server. Valid from a minute ago for 30 days. */
export const selfSigned = (host = "localhost"): { der: Buffer; certPem: string; keyPem: string } => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicDer = publicKey.export({ type: "spki", format: "der" });
  const body = certificateBody(host, publicDer);
  const der = sequence(body, ECDSA_SHA256, bits(sign("sha256", body, privateKey)));
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  const keyPem = privateKey.export({ type: "sec1", format: "pem" });
  return {
    der,
    certPem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    keyPem: String(keyPem),
  };
};

const certificateBody = (host: string, publicDer: Buffer): Buffer => {
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(host)))));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and no leading zero
  const day = 86_400_000;
  const validity = sequence(time(Date.now() - 60_000), time(Date.now() + 30 * day));
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    ECDSA_SHA256,
    name,
    validity,
    name,
    publicDer,
    extensions(host, publicDer),
  );
};

// CA:true and keyCertSign, because the engine puts it into a root pool; the alternative name, because Go ignores
// the common name and dials "localhost".
const extensions = (host: string, publicDer: Buffer): Buffer =>
  tagged(
    0xa3,
    sequence(
      extension("551d13", true, sequence(TRUE)),
      extension("551d0f", true, bits(Buffer.from([0xac]), 2)),
      extension("551d25", false, sequence(oid("2b06010505070301"), oid("2b06010505070302"))),
      extension("551d11", false, sequence(tagged(0x82, Buffer.from(host)))),
      extension("551d0e", false, octets(createHash("sha1").update(publicDer).digest())),
    ),
  );

const tagged = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const n = body.length;
  const length = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts);
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const octets = (content: Buffer): Buffer => tagged(0x04, content);
const bits = (content: Buffer, unused = 0): Buffer => tagged(0x03, Buffer.from([unused]), content);
const time = (at: number): Buffer =>
  tagged(0x18, Buffer.from(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, ""), "ascii"));
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));

const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
