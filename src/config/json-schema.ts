import { z } from "zod";
import { alertBodySchema } from "./alert-body-schema.ts";
import { evidenceSchema } from "./evidence-schema.ts";
import { plumblineSchema } from "./plumbline-schema.ts";
import { resourceContextSchema } from "./resource-context-schema.ts";
import { serverSchema } from "./server-schema.ts";
import { migrationMetadataSchema, statefulChangeSchema } from "./stateful-change-schema.ts";

/** JSON schemas for editors, by file name below `schemas/`; `node scripts/schemas.ts` writes them. */
export const jsonSchemas = (): Readonly<Record<string, string>> => ({
  "plumbline.schema.json": rendered(plumblineSchema, "plumbline.yaml"),
  "server.schema.json": rendered(serverSchema, "Plumbline's server configuration"),
  "resource-context.schema.json": rendered(resourceContextSchema, "Resource context"),
  "alert.schema.json": rendered(alertBodySchema, "Body of the alert webhook"),
  "evidence.schema.json": rendered(evidenceSchema, "Evidence of an apply"),
  "stateful-change.schema.json": rendered(statefulChangeSchema, "stateful_change"),
  "migration-metadata.schema.json": rendered(migrationMetadataSchema, "migration-metadata.yaml"),
});

const rendered = (schema: z.ZodType, title: string): string => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
};
