import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Evidence } from "../../config/evidence-schema.ts";
import type { EvidenceCopy } from "../../ports/evidence-copy.ts";
import type { Asked } from "./page.ts";

export const evidenceAddress = (run: string): string => `/evidence/${encodeURIComponent(run)}`;

/** `GET /evidence/RUN`: the bundle of a run as a file, the same as `plumbline evidence export` writes. */
export const addEvidenceFile = (
  app: FastifyInstance,
  askedBy: (request: FastifyRequest<{ Params: { id?: string } }>) => Promise<Pick<Asked, "ask" | "id">>,
): void => {
  app.get<{ Params: { id: string } }>("/evidence/:id", async (request, reply) => {
    const { ask, id } = await askedBy(request);
    const copy = await ask<EvidenceCopy<Evidence>>("evidence-bundle", { id });
    const name = `evidence-${copy.evidence.run.replaceAll(/[^\w.-]/g, "_")}.json`;
    return reply
      .type("application/json; charset=utf-8")
      .header("content-disposition", `attachment; filename="${name}"`)
      .send(`${JSON.stringify(copy, null, 2)}\n`);
  });
};
