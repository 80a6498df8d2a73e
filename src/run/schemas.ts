import { readProviderSchema, type SchemaFacts } from "../drift/provider-schema.ts";
import type { Json } from "../model/json.ts";
import type { Prepared } from "./prepare.ts";

const REMEMBERED = 4;
const known = new Map<string, Promise<SchemaFacts | null>>();

/**
 * What the providers of an initialised workspace say of their attributes; null where they cannot be asked. Remembered
 * by engine and lock file, since the same providers always say the same and a large cloud's answer takes seconds.
 */
export const schemasOf = (prepared: Prepared): Promise<SchemaFacts | null> => {
  const { engine, lockFile } = prepared;
  if (lockFile === null) return ask(prepared);
  const key = `${engine.version.distribution} ${engine.version.version}\n${lockFile}`;
  const before = known.get(key);
  if (before) return before;
  const asking = ask(prepared);
  known.set(key, asking);
  asking.then(
    (facts) => facts ?? known.delete(key),
    () => known.delete(key),
  );
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  return asking;
};

const ask = async ({ engine, call }: Prepared): Promise<SchemaFacts | null> => {
  const result = await engine.providersSchema(call);
  return result.failed ? null : readProviderSchema(JSON.parse(result.json) as Json);
};
