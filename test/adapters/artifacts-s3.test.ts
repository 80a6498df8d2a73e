import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openS3Store } from "../../src/adapters/artifacts-s3.ts";
import type { S3Place } from "../../src/adapters/artifacts-s3-call.ts";
import { createSealedArtifacts, type SealedStore } from "../../src/adapters/artifacts-sealed.ts";
import { artifactsContract } from "../contract/artifacts.ts";
import { resealContract } from "../contract/reseal.ts";
import { CREDENTIALS, honoursIfMatch, type S3Server, s3Missing, startS3 } from "../contract/s3-server.ts";

const key = new Uint8Array(32).fill(1);
let server: S3Server;
let buckets = 0;
const settings = {
  region: "us-east-1",
  pathStyle: true,
  sse: null,
  kmsKey: null,
  prefix: "",
  credentials: CREDENTIALS,
};
const place = async (more: Partial<S3Place> = {}): Promise<S3Place> => ({
  ...settings,
  endpoint: server.endpoint,
  bucket: more.bucket ?? (await server.bucket(`plumbline-test-${process.pid}-${++buckets}`)),
  ...more,
});
const client = (): S3Client => {
  const made = new S3Client({
    ...{ endpoint: server.endpoint, region: "us-east-1", forcePathStyle: true, credentials: CREDENTIALS },
  });
  onTestFinished(() => made.destroy());
  return made;
};
const keysOf = async (store: SealedStore, prefix = ""): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const one of store.list(prefix)) keys.push(one.key);
  return keys;
};

describe.skipIf(s3Missing !== null)(`S3 (${s3Missing ?? "a server of its own"})`, () => {
  beforeAll(async () => {
    server = await startS3();
  }, 120_000);
  afterAll(() => server?.stop());

  artifactsContract("a bucket", async () => createSealedArtifacts(await openS3Store(await place()), [key]));
  artifactsContract("a prefix of a bucket", async () =>
    createSealedArtifacts(await openS3Store(await place({ prefix: "team/plumbline" })), [key]),
  );
  if (honoursIfMatch) resealContract("a bucket", async () => openS3Store(await place()));
  test.skipIf(honoursIfMatch)("a server that overwrites whatever If-Match says is refused", async () => {
    const store = await openS3Store(await place());
    await store.putOnce("a", Buffer.from("as it was"));
    await expect(store.replace("a", () => Buffer.from("anew"))).rejects.toMatchObject({
      code: "store-unfit",
    });
  });

  test("what is large goes up in parts, appears once, and comes back", async () => {
    const where = await place();
    const artifacts = createSealedArtifacts(await openS3Store(where), [key]);
    const content = Buffer.alloc(20 * 1024 * 1024, "0123456789abcdef");
    const ref = await artifacts.put("large", content);
    expect(content.equals(await artifacts.get(ref))).toBe(true);
    const head = await client().send(new HeadObjectCommand({ Bucket: where.bucket, Key: "large" }));
    expect(head.ETag).toMatch(/-3"$/);
    expect(await artifacts.put("large", content)).toEqual(ref);
    const other = Buffer.alloc(content.length);
    await expect(artifacts.put("large", other)).rejects.toMatchObject({ code: "artifact-corrupt" });
    expect(content.equals(await artifacts.get(ref))).toBe(true);
  }, 120_000);

  test("keys stay below their prefix, whatever lies beside it", async () => {
    const { bucket } = await place();
    const ours = await openS3Store(await place({ bucket, prefix: "a" }));
    const theirs = await openS3Store(await place({ bucket, prefix: "ab" }));
    await ours.putOnce("x", Buffer.from("1"));
    await theirs.putOnce("x", Buffer.from("2"));
    await client().send(new PutObjectCommand({ Bucket: bucket, Key: "a/%zz/foreign", Body: "3" }));
    expect(await keysOf(ours)).toEqual(["x"]);
    expect(await keysOf(ours, "../")).toEqual([]);
    await expect(ours.get("../ab/x")).rejects.toMatchObject({ code: "path-escapes" });
    await expect(ours.delete("..")).rejects.toMatchObject({ code: "path-escapes" });
    expect(Buffer.from((await theirs.get("x")) ?? [])).toEqual(Buffer.from("2"));
  });

  test("a listing goes on over its pages, and probes are gone", async () => {
    const where = await place();
    const store = await openS3Store(where);
    const names = Array.from({ length: 1_050 }, (_, index) => `p/${String(index).padStart(5, "0")}`);
    const waiting = [...names];
    const put = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
        await store.putOnce(name, Buffer.from("x"));
    };
    await Promise.all(Array.from({ length: 8 }, put));
    expect(await keysOf(store, "p/")).toEqual(names);
    const all = await client().send(new ListObjectsV2Command({ Bucket: where.bucket, Prefix: "~" }));
    expect(all.KeyCount).toBe(0);
  }, 120_000);

  test("an object that was exchanged in the bucket is found", async () => {
    const where = await place();
    const artifacts = createSealedArtifacts(await openS3Store(where), [key]);
    const ref = await artifacts.put("plan", Buffer.from("reviewed"));
    const sealedElsewhere = createSealedArtifacts(await openS3Store(await place()), [
      new Uint8Array(32).fill(2),
    ]);
    await sealedElsewhere.put("plan", Buffer.from("evil"));
    await client().send(new PutObjectCommand({ Bucket: where.bucket, Key: "plan", Body: "evil" }));
    await expect(artifacts.get(ref)).rejects.toMatchObject({ code: "artifact-corrupt" });
  });

  test("a bucket that is not there is refused for good", async () => {
    await expect(openS3Store(await place({ bucket: "no-such-bucket-here" }))).rejects.toMatchObject({
      code: "store-refused",
      message: expect.stringContaining("NoSuchBucket"),
    });
  });
});

/** A store that answers as it is told. */
const scripted = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<S3Place> => {
  const own: Server = createServer((request, response) => {
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((listening) => own.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    own.closeAllConnections();
    own.close();
  });
  const { port } = own.address() as AddressInfo;
  return { ...settings, bucket: "b-one", endpoint: `http://127.0.0.1:${port}`, attempts: 2 };
};

describe("what every store is asked", () => {
  test.each([
    [{ sse: "AES256" }, ["AES256", undefined]],
    [{ sse: "aws:kms", kmsKey: "key-1" }, ["aws:kms", "key-1"]],
    [{ sse: null }, [undefined, undefined]],
  ] as const)(
    "encryption of its own with every object, in one piece and in parts: %o",
    async (wish, expected) => {
      const asked: { what: string; path: string; sealing: readonly unknown[] }[] = [];
      const kept = new Set<string>();
      const where = await scripted((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
        const header = (name: string) => request.headers[`x-amz-server-side-encryption${name}`];
        const sealing = [header(""), header("-aws-kms-key-id")];
        const begins = searchParams.has("uploads");
        const whole = request.method === "PUT" && !searchParams.has("partNumber");
        if (begins || whole) asked.push({ what: begins ? "parts" : "whole", path: pathname, sealing });
        if (begins)
          return response.end(
            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
          );
        const taken = (whole || request.method === "POST") && kept.has(pathname);
        if (whole) kept.add(pathname);
        if (taken) return response.writeHead(412).end("<Error><Code>PreconditionFailed</Code></Error>");
        if (request.method === "POST")
          return response.end("<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>");
        return response.writeHead(200, { etag: '"e"' }).end();
      });
      const store = await openS3Store({ ...where, ...wish });
      await store.putOnce("small", Buffer.from("1"));
      await store.putOnce("large", Buffer.alloc(9 * 1024 * 1024));
      expect(asked.map(({ what }) => what)).toEqual(["whole", "whole", "parts", "whole", "parts"]);
      for (const { path, sealing } of asked) {
        expect(path).toMatch(/^\/b-one\//);
        expect(sealing).toEqual(expected);
      }
    },
  );
});

describe("a store that misbehaves", () => {
  test.each([
    ["in one piece", 200],
    ["in parts", 412],
  ])(
    "and overwrites silently %s is refused at the start, and the probe is taken away",
    async (_how, second) => {
      const asked: string[] = [];
      let puts = 0;
      const where = await scripted((request, response) => {
        asked.push(request.method ?? "");
        const { searchParams } = new URL(request.url ?? "", "http://x");
        const whole = request.method === "PUT" && !searchParams.has("partNumber");
        if (whole) puts += 1;
        const upload = "<UploadId>1</UploadId>";
        if (searchParams.has("uploads"))
          return response.end(`<InitiateMultipartUploadResult>${upload}</InitiateMultipartUploadResult>`);
        if (request.method === "POST")
          return response.end("<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>");
        return response.writeHead(whole && puts === 2 ? second : 200).end();
      });
      await expect(openS3Store(where)).rejects.toMatchObject({ code: "store-unfit" });
      expect(asked.at(-1)).toBe("DELETE");
    },
  );

  test.each([
    ["ignores If-Match", { honours: "nothing", says: "overwrites" }],
    ["ignores it in parts", { honours: "whole", says: "overwrites" }],
    ["refuses an If-Match that holds", { honours: "never", says: "refuses" }],
  ])(
    "and %s starts, but seals nothing anew, and the probe is taken away",
    async (_how, { honours, says }) => {
      const asked: string[] = [];
      const versions = new Map<string, number>();
      const where = await scripted((request, response) => {
        asked.push(request.method ?? "");
        const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
        const now = versions.get(pathname);
        const etag = `"${now}"`;
        if (request.method === "GET") return response.writeHead(200, { etag }).end("x");
        if (request.method === "DELETE") return response.end();
        if (searchParams.has("uploads"))
          return response.end(
            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
          );
        if (searchParams.has("partNumber")) return response.writeHead(200, { etag: '"p"' }).end();
        const { "if-match": match, "if-none-match": none } = request.headers;
        const binds = honours === "never" || (honours === "whole" && request.method === "PUT");
        const refused =
          (none && now !== undefined) || (match && binds && (honours === "never" || match !== etag));
        if (refused) return response.writeHead(412).end("<Error><Code>PreconditionFailed</Code></Error>");
        versions.set(pathname, (now ?? 0) + 1);
        return response.end(
          request.method === "POST"
            ? "<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>"
            : "",
        );
      });
      const store = await openS3Store(where);
      const untouched = (): never => expect.fail("the artifact was read");
      await expect(store.replace("plan", untouched)).rejects.toMatchObject({
        ...{
          code: "store-unfit",
          message: expect.stringContaining(`${says}`),
          hint: expect.stringContaining("If-Match"),
        },
      });
      expect(asked.at(-1)).toBe("DELETE");
    },
  );

  test("and does not know conditional writes is refused too", async () => {
    const where = await scripted((_request, response) => {
      response.writeHead(501).end("<Error><Code>NotImplemented</Code></Error>");
    });
    await expect(openS3Store(where)).rejects.toMatchObject({ code: "store-unfit" });
  });

  test.each([
    [503, "SlowDown", "store-unavailable", "later"],
    [500, "InternalError", "store-unavailable", "later"],
    [403, "AccessDenied", "store-refused", "never"],
    [403, "SignatureDoesNotMatch", "store-refused", "never"],
  ])("answers %d %s: %s", async (status, code, expected, retry) => {
    const where = await scripted((_request, response) => {
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`);
    });
    await expect(openS3Store(where)).rejects.toMatchObject({ code: expected, kind: { retry } });
  });

  test("and is not there, or breaks off, may be tried later", async () => {
    const gone = { ...settings, bucket: "b-one", endpoint: "http://127.0.0.1:9", attempts: 1 };
    await expect(openS3Store(gone)).rejects.toMatchObject({ code: "store-unavailable" });
    const broken = await scripted((request) => void request.socket.destroy());
    await expect(openS3Store(broken)).rejects.toMatchObject({ code: "store-unavailable" });
  });

  test("an answer that was lost is no second writer: the SDK's retry finds our own object", async () => {
    const kept = new Map<string, Buffer>();
    let lose = false;
    const own = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const path = new URL(request.url ?? "", "http://x").pathname;
        if (request.method === "GET") return response.end(kept.get(path));
        if (request.method !== "PUT") return response.writeHead(412).end();
        if (kept.has(path))
          return response.writeHead(412).end("<Error><Code>PreconditionFailed</Code></Error>");
        kept.set(path, Buffer.concat(parts));
        if (lose) return request.socket.destroy();
        return response.end();
      });
    });
    await new Promise<void>((listening) => own.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      own.closeAllConnections();
      own.close();
    });
    const { port } = own.address() as AddressInfo;
    const where = { ...settings, bucket: "b-one", endpoint: `http://127.0.0.1:${port}`, attempts: 3 };
    const artifacts = createSealedArtifacts(await openS3Store(where), [key]);
    lose = true;
    const ref = await artifacts.put("plan", Buffer.from("once"));
    expect(Buffer.from(await artifacts.get(ref)).toString()).toBe("once");
  });
});
