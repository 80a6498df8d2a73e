import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ArtifactsPlace, openStore } from "../adapters/artifacts-open.ts";
import { createSealedArtifacts, type SealedStore } from "../adapters/artifacts-sealed.ts";
import { openDatabase } from "../adapters/database.ts";
import { openInstance } from "../adapters/instance.ts";
import { createLedger } from "../adapters/ledger.ts";
import { createReadModel } from "../adapters/read-model.ts";
import { type AlertChannel, channelNames } from "../model/alert.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { ReadModel } from "../ports/read-model.ts";
import { type Call, textOption } from "./command.ts";
import { readConfiguration } from "./server-configuration.ts";

/** Where the service keeps its records. */
export interface RecordsPlace extends ArtifactsPlace {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly keys: readonly Uint8Array[];
  /** Left out where only the folder was named. */
  readonly alerts?: readonly AlertChannel[];
  /** Of the command: regions of buckets may stand there. */
  readonly env: Call["env"];
}

/** From `--data DIR`, else from the service's own configuration. */
export const recordsPlace = async (call: Call): Promise<RecordsPlace> => {
  const given = textOption(call, "data");
  if (given === undefined) return { ...(await readConfiguration(call)), env: call.env };
  const dataDir = resolve(call.cwd, given);
  const there = await stat(join(dataDir, "instance")).catch(() => null);
  if (!there)
    throw new PlumblineError(
      "wrong-arguments",
      `${given} is no data folder of Plumbline: it holds no instance.`,
    );
  return placeIn(dataDir, call.env);
};

/** The same for what makes a new system: the folder need not be there. */
export const newRecordsPlace = async (call: Call): Promise<RecordsPlace> => {
  const given = textOption(call, "data");
  return given === undefined
    ? { ...(await readConfiguration(call)), env: call.env }
    : placeIn(resolve(call.cwd, given), call.env);
};

const placeIn = (dataDir: string, env: Call["env"]): RecordsPlace => ({
  dataDir,
  databaseUrl: null,
  artifacts: join(dataDir, "artifacts"),
  keys: [],
  env,
});

/** Opens ledger and artifacts for one piece of work; an embedded database that the service uses is `database-locked`. */
export const withRecords = async <T>(
  place: RecordsPlace,
  work: (records: {
    readonly ledger: Ledger;
    readonly read: ReadModel;
    readonly artifacts: Artifacts;
    readonly store: SealedStore;
  }) => Promise<T>,
): Promise<T> => {
  const instance = await openInstance(place.dataDir, place.keys);
  const database = await openDatabase({ url: place.databaseUrl, dataDir: join(place.dataDir, "database") });
  try {
    const store = await openStore(place, place.env);
    const artifacts = createSealedArtifacts(store, instance.keys);
    return await work({
      ledger: createLedger(database),
      read: createReadModel(database, { channels: place.alerts ? channelNames(place.alerts) : null }),
      artifacts,
      store,
    });
  } finally {
    await database.close();
  }
};
