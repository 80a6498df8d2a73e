import type { Settings } from "./atlantis-import-flags.ts";
import { type AtlantisServerYaml, policySetsOf } from "./atlantis-server.ts";

/** What of Atlantis's server-side configuration belongs into Plumbline's server file, over what its flags say. */
export const serverSettings = (
  yaml: AtlantisServerYaml,
  flags: Settings,
  repositoryId: string | null,
): Settings => {
  const organization = repositoryId?.split("/")[1] ?? null;
  const sets = yaml.policies ? policySetsOf(yaml.policies, organization) : [];
  const store = yaml.external_stores?.plan_store?.s3;
  const s3 = {
    ...(store?.region ? { region: store.region } : {}),
    ...(store?.endpoint ? { endpoint: store.endpoint } : {}),
    ...(store?.force_path_style === undefined ? {} : { path_style: store.force_path_style }),
  };
  return {
    ...flags,
    ...(store?.bucket ? { artifacts: bucketPlace(store.bucket, store.prefix) } : {}),
    ...(Object.keys(s3).length > 0 && store?.bucket ? { s3 } : {}),
    ...(sets.length > 0 ? { policies: { sets } } : {}),
  };
};

const bucketPlace = (bucket: string, prefix: string | undefined): string =>
  ["s3:/", bucket, ...(prefix ?? "").split("/")].filter((part) => part !== "").join("/");
