import Fastify from "fastify";
import { expect, test } from "vitest";
import { logUrl } from "../../src/run/log-link.ts";
import { runLogRoutes } from "../../src/web/run-log.ts";

const world = {
  key: new Uint8Array(32),
  server: { publicUrl: "https://plumbline.example/" },
} as unknown as Parameters<typeof logUrl>[0];

async function* lines() {
  yield "== plan\n";
  yield "<b>\n";
}

const server = () => {
  const app = Fastify();
  const sealed = new URL(logUrl(world, "run_1") ?? "").searchParams.get("seal");
  app.register(
    runLogRoutes({
      readLog: async (run, seal) => (run === "run_1" && seal === sealed ? lines() : null),
    }),
  );
  return app;
};

test("the link of a comment leads to the whole log, as text that no browser takes for a page", async () => {
  const { pathname, search } = new URL(logUrl(world, "run_1") ?? "");
  const answer = await server().inject(`${pathname}${search}`);
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe("== plan\n<b>\n");
  expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
});

test("a guessed link leads nowhere", async () => {
  for (const url of ["/runs/run_1/log", "/runs/run_1/log?seal=x", "/runs/run_2/log?seal=x"])
    expect((await server().inject(url)).statusCode).toBe(404);
});

test("another run has another seal, and a server without an address gives no link", () => {
  expect(logUrl(world, "run_1")?.split("seal=")[1]).not.toBe(logUrl(world, "run_2")?.split("seal=")[1]);
  const hidden = { ...world, server: { ...world.server, publicUrl: null } };
  expect(logUrl(hidden, "run_1")).toBeNull();
});
