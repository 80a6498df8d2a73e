import { readdir, readFile } from "node:fs/promises";
import type { Catalogue } from "../model/catalogue.ts";
import { PlumblineError } from "../model/errors.ts";
import { parseCatalogue } from "../risk/catalogue.ts";

/** The stateful catalogue that Plumbline ships. Throws `config-invalid` with every problem when its files are broken. */
export const loadCatalogue = async (
  folder: URL = new URL("../risk/catalogue/", import.meta.url),
): Promise<Catalogue> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), "utf8") })),
  );
  const parsed = parseCatalogue(files);
  if (parsed.ok) return parsed.value;
  const problems = parsed.problems.map(({ path, message }) => `${path}: ${message}`);
  throw new PlumblineError("config-invalid", `The stateful catalogue has problems. ${problems.join(" ")}`);
};
