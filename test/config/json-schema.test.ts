import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchemas } from "../../src/config/json-schema.ts";

const root = join(import.meta.dirname, "../..");

describe.each(Object.entries(jsonSchemas()))("%s", (name, text) => {
  test("is what `node scripts/schemas.ts` writes today", () => {
    expect(readFileSync(join(root, "schemas", name), "utf8")).toBe(text);
  });
  test("is a schema that editors can use", () => {
    expect(() => new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(text))).not.toThrow();
  });
});

test("the example's file is valid by it, one with an unknown key is not", () => {
  const validate = new Ajv().compile(JSON.parse(jsonSchemas()["plumbline.schema.json"] ?? ""));
  const example: unknown = parse(readFileSync(join(root, "workspaces-example/plumbline.yaml"), "utf8"));
  expect(validate(example)).toBe(true);
  expect(validate({ version: 1, worspaces: [] })).toBe(false);
});
