import { stringify } from "yaml";
import type { z } from "zod";
import type { ConfigProblem, Parsed } from "../model/config.ts";
import { readFlags } from "./atlantis-flag-file.ts";
import { type FromFlags, fromFlags, type Settings } from "./atlantis-import-flags.ts";
import { repositorySettings } from "./atlantis-import-repository.ts";
import { serverSettings } from "./atlantis-import-server.ts";
import { LONG_LINES, loadable, sound } from "./atlantis-import-sound.ts";
import { ATLANTIS_KEYS, ATLANTIS_SERVER_KEYS } from "./atlantis-keys.ts";
import { type AtlantisYaml, atlantisSchema, atlantisShape } from "./atlantis-schema.ts";
import {
  type AtlantisServerYaml,
  atlantisServerSchema,
  atlantisServerShape,
  forRepository,
  isForRepository,
} from "./atlantis-server.ts";
import { type AtlantisTold, inFile, placed, type ToldSource, tellKeys } from "./atlantis-told.ts";
import type { WorkflowTold } from "./atlantis-workflows.ts";
import { plumblineSchema, plumblineShape } from "./plumbline-schema.ts";
import { parseRepoConfig, parseShape } from "./repo-config.ts";
import { serverSchema, serverShape } from "./server-schema.ts";
import { readYaml, type Shape } from "./yaml.ts";
import { yamlPlaces } from "./yaml-places.ts";

/** A text with the name that people know it by. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface AtlantisSources {
  /** atlantis.yaml; null where the repository has none. */
  readonly repository: NamedText | null;
  /** The server-side repo configuration (repos.yaml). */
  readonly server: NamedText | null;
  /** Flags of `atlantis server`, in any form that it takes. */
  readonly flags: NamedText | null;
  /** HOST/OWNER/NAME of the repository, for the server's entries. */
  readonly repositoryId: string | null;
}

export interface AtlantisImport {
  /** plumbline.yaml, which loads. */
  readonly plumbline: string;
  readonly workspaces: number;
  /** Keys for the server's file as YAML; null where nothing is to be set. */
  readonly server: string | null;
  readonly variables: FromFlags["variables"];
  readonly told: readonly AtlantisTold[];
}

/**
 * Atlantis's configuration in Plumbline's words. Nothing is dropped: what has no counterpart is told, with why and what
 * to do instead. Where a file is not in order, or what would be written does not load, all problems with their places.
 */
export const importAtlantis = (sources: AtlantisSources): Parsed<AtlantisImport> => {
  const own = read<AtlantisYaml>(sources.repository, atlantisSchema, atlantisShape, true);
  const server = read<AtlantisServerYaml>(sources.server, atlantisServerSchema, atlantisServerShape, true);
  const flags = sources.flags ? readFlags(sources.flags.text) : { ok: true as const, value: [] };
  const problems = [
    ...(own.ok ? repositoryProblems(sources.repository) : own.problems),
    ...(server.ok ? [] : server.problems),
    ...(flags.ok ? [] : flags.problems.map((one) => inFile(one, sources.flags?.name ?? ""))),
  ];
  if (!own.ok || !server.ok || !flags.ok || problems.length > 0) return { ok: false, problems };
  const flagged = fromFlags(flags.value, sources.flags?.name ?? "");
  return imported(own.value, server.value, flagged, sources);
};

interface ReadFile<T> extends ToldSource {
  readonly value: T;
  readonly raw: Settings;
}

/** A file as its schema has it, and as it was written; an absent one is empty. */
const read = <T>(
  source: NamedText | null,
  schema: z.ZodType<T>,
  shape: Shape,
  firstDocument: boolean,
): Parsed<ReadFile<T>> => {
  const { name, text } = source ?? { name: "", text: "version: 3" };
  const parsed = source ? parseShape(text, schema, shape, { firstDocument }) : null;
  const places = yamlPlaces(text);
  if (parsed && !parsed.ok)
    return { ok: false, problems: parsed.problems.map((one) => inFile(one, name, places)) };
  const raw = readYaml(text, shape, { firstDocument });
  const written = raw.ok && typeof raw.value === "object" && raw.value !== null ? raw.value : {};
  const empty = { version: 3 } as T;
  return { ok: true, value: { value: parsed?.value ?? empty, raw: written as Settings, file: name, places } };
};

/** What entries say about each other, by the same reading as the service's. */
const repositoryProblems = (source: NamedText | null): readonly ConfigProblem[] => {
  if (source === null) return [];
  const parsed = parseRepoConfig(source.text, { file: "atlantis.yaml" });
  const places = yamlPlaces(source.text);
  return parsed.ok ? [] : parsed.problems.map((one) => inFile(one, source.name, places));
};

const imported = (
  own: ReadFile<AtlantisYaml>,
  server: ReadFile<AtlantisServerYaml>,
  flagged: FromFlags,
  { repositoryId, flags }: AtlantisSources,
): Parsed<AtlantisImport> => {
  const notes = { file: flags?.name ?? server.file, told: [] as AtlantisTold[] };
  const told: AtlantisTold[] = [
    ...tellKeys(own.raw, withoutWorkflows(ATLANTIS_KEYS), own),
    ...tellServer(server, repositoryId),
    ...tellUnusedWorkflows(own),
    ...flagged.told,
  ];
  const { settings, told: steps } = repositorySettings({
    raw: own.raw,
    yaml: own.value,
    server: forRepository(server.value, repositoryId),
    flags: sound(flagged.repository, plumblineSchema, plumblineShape, { version: 1 }, notes),
    serverWorkflows: server.value.workflows ?? {},
  });
  told.push(...steps.map((step) => tellStep(step, step.from === "server" ? server : own)));
  const written = loadable(settings, own, told);
  if (!written.ok) return written;
  const forServer = serverSettings(server.value, flagged.server, repositoryId);
  const kept = sound(forServer, serverSchema, serverShape, {}, notes);
  return {
    ok: true,
    value: {
      ...written.value,
      server: Object.keys(kept).length > 0 ? stringify(kept, LONG_LINES) : null,
      variables: flagged.variables,
      told: withoutRepeats([...told, ...notes.told]),
    },
  };
};

/** Workflows are told step by step. */
const withoutWorkflows = (keys: typeof ATLANTIS_KEYS): typeof ATLANTIS_KEYS =>
  Object.fromEntries(Object.entries(keys).filter(([key]) => !/(^|\.)workflows?$/.test(key)));

const tellStep = ({ key, fate, note }: WorkflowTold, source: ToldSource): AtlantisTold => ({
  ...placed(source, key),
  fate,
  to: null,
  note,
});

const tellServer = (
  server: ReadFile<AtlantisServerYaml>,
  repositoryId: string | null,
): readonly AtlantisTold[] => {
  const others = (server.value.repos ?? []).flatMap(({ id }, index) =>
    isForRepository(id, repositoryId) ? [] : [{ id, index }],
  );
  const list = server.raw["repos"];
  const raw = {
    ...server.raw,
    ...(Array.isArray(list)
      ? // Places count by position, so that an entry for others stays as an empty one.
        { repos: list.map((entry, index) => (others.some((one) => one.index === index) ? {} : entry)) }
      : {}),
  };
  return [
    ...tellKeys(raw, withoutWorkflows(ATLANTIS_SERVER_KEYS), server).filter(
      ({ key }) => !/^repos(\[\d+\]\.id)?$/.test(key),
    ),
    ...tellTeams(server, repositoryId),
    ...others.map(
      ({ id, index }): AtlantisTold => ({
        ...placed(server, `repos[${index}].id`),
        ...(repositoryId === null
          ? {
              fate: "lost",
              note: `The entry ${id} may be for this repository: say which it is by --repo HOST/OWNER/NAME.`,
            }
          : { fate: "unneeded", note: `The entry ${id} is for other repositories.` }),
        to: null,
      }),
    ),
  ];
};

/** A team has a name only within its organization. */
const tellTeams = (
  server: ReadFile<AtlantisServerYaml>,
  repositoryId: string | null,
): readonly AtlantisTold[] => {
  const { owners, policy_sets = [] } = server.value.policies ?? {};
  const named = [owners, ...policy_sets.map((set) => set.owners)].some((one) => one?.teams?.length);
  const note =
    "Teams are written @ORG/TEAM: say the repository by --repo HOST/OWNER/NAME, or add them by hand.";
  return named && repositoryId === null
    ? [{ ...placed(server, "policies"), fate: "lost", to: "policies.sets[].owners", note }]
    : [];
};

const tellUnusedWorkflows = (own: ReadFile<AtlantisYaml>): readonly AtlantisTold[] => {
  const used = new Set((own.value.projects ?? []).map(({ workflow }) => workflow ?? "default"));
  return Object.keys(own.value.workflows ?? {})
    .filter((name) => !used.has(name))
    .map((name) => ({
      ...placed(own, `workflows.${name}`),
      fate: "unneeded",
      to: null,
      note: `No project uses the workflow ${name}.`,
    }));
};

/** A workflow that several projects use is told once. */
const withoutRepeats = (told: readonly AtlantisTold[]): readonly AtlantisTold[] =>
  [...Map.groupBy(told, ({ file, key, note }) => JSON.stringify([file, key, note])).values()].flatMap(
    ([first]) => first ?? [],
  );
