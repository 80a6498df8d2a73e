import { expect, test } from "vitest";
import { schemaDiff } from "../../src/migration/schema-diff.ts";
import type { JsonObject } from "../../src/model/json.ts";

const schema = (objects: Readonly<Record<string, JsonObject>>) => new Map(Object.entries(objects));
const column = (type: string, more: JsonObject = {}): JsonObject => ({ type, not_null: false, ...more });

const before = schema({
  "table app.orders": {
    columns: { id: column("bigint", { not_null: true }), total: column("integer"), old: column("text") },
    indexes: { by_total: { definition: "CREATE INDEX by_total ON app.orders (total)", valid: true } },
  },
  "view app.v": { definition: " SELECT 1" },
  "type app.mood": { values: ["a", "b"] },
});
const after = schema({
  "table app.orders": {
    columns: {
      id: column("bigint", { not_null: true }),
      total: column("bigint", { default: "0" }),
      note: column("text"),
    },
    indexes: { by_total: { definition: "CREATE INDEX by_total ON app.orders (total)", valid: false } },
  },
  "type app.mood": { values: ["a", "b", "c"] },
  "table app.lines": {
    columns: { "Order Id": column("bigint", { not_null: true }) },
    constraints: { k: "CHECK (1 > 0)" },
  },
});

test("each fact that differs is one line in the words of SQL", () => {
  expect(schemaDiff(before, after).map(({ address, what, text }) => `${what} ${address}: ${text}`)).toEqual([
    "added table app.lines: ",
    "added table app.lines: column Order Id bigint not null",
    "added table app.lines: constraint k CHECK (1 > 0)",
    "changed table app.orders: column total: type integer -> bigint",
    "added table app.orders: column total: default 0",
    "removed table app.orders: column old text",
    "added table app.orders: column note text",
    "changed table app.orders: index by_total: valid true -> false",
    'changed type app.mood: values: ["a","b"] -> ["a","b","c"]',
    "removed view app.v: SELECT 1",
  ]);
  expect(schemaDiff(before, before)).toEqual([]);
});
