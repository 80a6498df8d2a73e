import { execa } from "execa";

/** A module at one version. `sum` is the checksum of its source as Go writes it (`h1:...`). */
export interface PinnedModule {
  readonly module: string;
  readonly version: string;
  readonly sum: string;
}

/**
 * What a build may see: settings of this machine that would look past a module's own `go.sum` are taken back, so that
 * the pinned checksum of the source speaks for all that it is built from.
 */
export const strictGo = (env: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...env,
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
});

/** Downloads a module's source from the Go module proxy; `problem` is a sentence's end where it is not the pinned one. */
export const downloadModule = async (
  { module, version, sum }: PinnedModule,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string } | { readonly problem: string }> => {
  const result = await execa("go", ["mod", "download", "-json", `${module}@v${version}`], {
    env: strictGo(env),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  const answer = parse(result.stdout ?? "");
  if (result.failed || !answer.Dir)
    return { problem: `could not be downloaded: ${answer.Error ?? lastLine(result.stderr ?? "")}` };
  if (answer.Sum !== sum)
    return { problem: `is not what it was: its checksum is ${answer.Sum ?? "missing"}, not ${sum}` };
  return { folder: answer.Dir };
};

interface Downloaded {
  readonly Dir?: string;
  readonly Error?: string;
  readonly Sum?: string;
}

const parse = (text: string): Downloaded => {
  try {
    return JSON.parse(text) as Downloaded;
  } catch {
    return {};
  }
};

const lastLine = (text: string): string => text.trim().split("\n").at(-1) || "go said nothing";
