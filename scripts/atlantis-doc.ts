import { readFile, writeFile } from "node:fs/promises";
import { ATLANTIS_FLAGS } from "../src/config/atlantis-flags.ts";
import {
  ATLANTIS_KEYS,
  ATLANTIS_SERVER_KEYS,
  type AtlantisFate,
  type AtlantisKeys,
} from "../src/config/atlantis-keys.ts";
import { table, withParts } from "./generated-part.ts";

const PAGE = new URL("../docs/atlantis.md", import.meta.url);

/** `docs/atlantis.md` with its tables as the import has them. */
export const atlantisDocument = (page: string): string =>
  withParts(page, {
    keys: keyTable(ATLANTIS_KEYS, ""),
    "server-keys": keyTable(ATLANTIS_SERVER_KEYS, ""),
    flags: keyTable(ATLANTIS_FLAGS, "--"),
  });

const FATES: Readonly<Record<AtlantisFate, string>> = {
  same: "goes over",
  changed: "works otherwise",
  unneeded: "not needed",
  lost: "**not carried over**",
};

const keyTable = (keys: AtlantisKeys, dashes: string): string =>
  table(
    ["Atlantis", "Plumbline", "", "why, and what to do"],
    Object.entries(keys).map(([key, { fate, to, note }]) => [
      `\`${dashes}${key}\``,
      to === undefined ? "" : `\`${to}\``,
      FATES[fate],
      note ?? "",
    ]),
  );

if (import.meta.main) await writeFile(PAGE, atlantisDocument(await readFile(PAGE, "utf8")));
