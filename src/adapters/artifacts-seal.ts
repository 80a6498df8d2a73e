import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { PlumblineError } from "../model/errors.ts";

/** Encryption at rest: AES-256-GCM, bound to the artifact's key, so that one file cannot stand in for another. */
export interface Seal {
  /** Bytes that a sealed artifact has more than its content. */
  readonly overhead: number;
  close(key: string, content: Uint8Array): Uint8Array;
  /** Null where no key of ours opens it, or a bit was changed. */
  open(key: string, sealed: Uint8Array): Uint8Array | null;
  /** Whether the first key has sealed it, so that no other one is needed to open it. */
  isByFirst(sealed: Uint8Array): boolean;
}

// Layout: magic, key id, nonce, tag, ciphertext.
const MAGIC = Buffer.from("PLA1");
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = MAGIC.length + ID_BYTES;
const TAG_AT = NONCE_AT + NONCE_BYTES;
const CONTENT_AT = TAG_AT + TAG_BYTES;

export const createSeal = (keys: readonly Uint8Array[]): Seal => {
  const secrets = keys.map(derived);
  const [first] = secrets;
  if (!first) throw new PlumblineError("config-invalid", "Artifacts need a key to be encrypted with.");
  return {
    overhead: CONTENT_AT,
    close: (key, content) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", first.secret, nonce).setAAD(Buffer.from(key));
      const encrypted = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([MAGIC, first.id, nonce, cipher.getAuthTag(), encrypted]);
    },
    open: (key, sealed) => {
      const own = secrets.find(({ id }) => id.equals(idIn(sealed)));
      return own ? decrypted(own.secret, key, bufferOf(sealed)) : null;
    },
    isByFirst: (sealed) => first.id.equals(idIn(sealed)),
  };
};

/** The instance's key serves other ends too; this one's is derived from it. */
const derived = (key: Uint8Array): { readonly id: Buffer; readonly secret: Buffer } => {
  const secret = Buffer.from(hkdfSync("sha256", key, new Uint8Array(), "plumbline artifacts", 32));
  return { secret, id: createHash("sha256").update(secret).digest().subarray(0, ID_BYTES) };
};

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Empty where the bytes are nothing that was sealed here. */
const idIn = (sealed: Uint8Array): Buffer => {
  const bytes = bufferOf(sealed);
  const isSealed = bytes.length >= CONTENT_AT && bytes.subarray(0, MAGIC.length).equals(MAGIC);
  return isSealed ? bytes.subarray(MAGIC.length, NONCE_AT) : Buffer.alloc(0);
};

const decrypted = (secret: Buffer, key: string, bytes: Buffer): Uint8Array | null => {
  const nonce = bytes.subarray(NONCE_AT, TAG_AT);
  const decipher = createDecipheriv("aes-256-gcm", secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(TAG_AT, CONTENT_AT));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(CONTENT_AT)), decipher.final()]);
  } catch {
    return null;
  }
};
