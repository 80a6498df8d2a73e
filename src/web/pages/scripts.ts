import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

const NAMES = ["log-lines.js", "run-log.js"] as const;
const SCRIPTS = NAMES.map((name) => ({
  name,
  text: readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8"),
}));

// One address for all, so that they find each other, and another one with every change.
const FOLDER = `/assets/${createHash("sha256")
  .update(SCRIPTS.map(({ text }) => text).join("\0"))
  .digest("hex")
  .slice(0, 16)}`;

/** The script of the run page. Everything else does without. */
export const RUN_LOG_SCRIPT = `${FOLDER}/run-log.js`;

export const addScripts = (app: FastifyInstance): void => {
  for (const { name, text } of SCRIPTS)
    app.get(`${FOLDER}/${name}`, async (_request, reply) =>
      reply
        .type("text/javascript; charset=utf-8")
        .header("cache-control", "public, max-age=31536000, immutable")
        .send(text),
    );
};
