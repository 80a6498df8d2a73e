import { z } from "zod";
import { ACTIONS, type Action } from "./actions.ts";
import { problemDocument } from "./documents.ts";
import { LOG_STREAM, logStreamQuery } from "./log-stream.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

type Node = Record<string, unknown>;

/** The OpenAPI 3.1 document of the API, made of the very schemas that validate its requests. */
export const openApi = (version: string): Node => {
  const components: Node = {};
  const shape = (schema: z.ZodType): Node => lifted(schema, components);
  const paths: Record<string, Node> = {};
  for (const operation of OPERATIONS) add(paths, operation.path, { get: question(operation, shape) });
  for (const action of ACTIONS) add(paths, action.path, { post: change(action, shape) });
  add(paths, LOG_STREAM, { get: logStream() });
  const problem = shape(problemDocument);
  return {
    openapi: "3.1.0",
    info: {
      title: "Plumbline",
      version,
      description:
        "What operators see and do. Send an API token (`Authorization: Bearer plb_...`). Lists come in parts: pass `next` as `cursor`. GET answers carry an ETag. POST takes an `Idempotency-Key`.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      responses: {
        Problem: {
          description: "What went wrong.",
          content: { "application/problem+json": { schema: problem } },
        },
      },
      schemas: Object.fromEntries(
        Object.entries(components).sort(([one], [other]) => (one < other ? -1 : 1)),
      ),
    },
  };
};

const add = (paths: Record<string, Node>, path: string, methods: Node): void => {
  paths[path] = { ...paths[path], ...methods };
};

const question = (operation: Operation, shape: (schema: z.ZodType) => Node): Node => ({
  operationId: operation.name,
  summary: operation.about,
  description: `Takes the role ${operation.role}.`,
  parameters: [...idOf(operation.path), ...queryOf(operation)],
  responses: {
    200: answer("The answer.", shape(operation.answer)),
    304: { description: "As before." },
    ...PROBLEM,
  },
});

const change = (action: Action, shape: (schema: z.ZodType) => Node): Node => ({
  operationId: action.name,
  summary: action.about,
  description: `Takes the role ${action.role}.`,
  parameters: [
    ...idOf(action.path),
    {
      ...{
        name: "Idempotency-Key",
        in: "header",
        required: false,
        schema: { type: "string", maxLength: 255 },
      },
      description: "Asked again under the same key, the request is answered and not done again, for a day.",
    },
  ],
  requestBody: { content: { "application/json": { schema: plain(action.body, "input") } } },
  responses: { 202: answer("Taken in.", shape(action.answer)), ...PROBLEM },
});

const logStream = (): Node => ({
  operationId: "run-log-stream",
  summary: "The log of a run as it grows, redacted, as server-sent events.",
  description:
    "Takes the role viewer. Events `log` carry lines, and the place to go on from as their id; `end` carries the state in which the run ended. The stream ends by itself after ten minutes; whoever comes back sends Last-Event-ID.",
  parameters: [
    ...idOf(LOG_STREAM),
    ...queryOf({ query: logStreamQuery }),
    { name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } },
  ],
  responses: {
    200: {
      description: "The stream.",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
    ...PROBLEM,
  },
});

const PROBLEM = { default: { $ref: "#/components/responses/Problem" } };
const answer = (description: string, schema: Node): Node => ({
  description,
  content: { "application/json": { schema } },
});

const idOf = (path: string): readonly Node[] =>
  path.includes("{id}") ? [{ name: "id", in: "path", required: true, schema: { type: "string" } }] : [];

const queryOf = ({ query }: Pick<Operation, "query">): readonly Node[] =>
  Object.entries((plain(query, "output")["properties"] ?? {}) as Record<string, Node>).map(
    ([name, schema]) => ({
      ...{ name, in: "query", required: false, schema },
      ...(schema["type"] === "array" ? { style: "form", explode: false } : {}),
    }),
  );

/** Without what only stands in a document of its own. Transformed values are described as they come out. */
const plain = (schema: z.ZodType, io: "input" | "output"): Node => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Node;
  return rest;
};

/** Named parts go where all of the document finds them. */
const lifted = (schema: z.ZodType, components: Node): Node => {
  const { $defs = {}, ...rest } = plain(schema, "output") as { $defs?: Record<string, Node> };
  for (const [name, part] of Object.entries($defs)) components[name] = moved(part);
  const name = schema.meta()?.id;
  if (name === undefined || "$ref" in rest) return moved(rest) as Node;
  components[name] = moved(rest);
  return { $ref: `#/components/schemas/${name}` };
};

const moved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "id" || typeof (value as Node)["id"] !== "string")
      .map(([name, one]) => [
        name,
        name === "$ref" ? String(one).replace("#/$defs/", "#/components/schemas/") : moved(one),
      ]),
  );
};
