import { randomUUID } from "node:crypto";
import { lstat, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PlumblineError } from "../model/errors.ts";

type Texts = Readonly<Record<string, string>>;

/**
 * Writes edited files over those below `root` (a real path), by path: all or, where one cannot be, none. Each is
 * replaced as a whole, so that nobody sees half of it, and a hard link elsewhere keeps what it had.
 * @throws `path-escapes` for a file behind a symbolic link, `plan-changed` for one that is not as it was when it was
 * read: the proof took minutes, in which somebody may have saved.
 */
export const writeEdits = async (root: string, files: Texts, before: Texts): Promise<void> => {
  const places = Object.keys(files).map((path) => ({ path, place: join(root, path) }));
  for (const { path, place } of places) {
    await mustBePlain(path, place);
    const now = await readFile(place, "utf8").catch(() => "");
    if (now !== (before[path] ?? ""))
      throw new PlumblineError(
        "plan-changed",
        `${path} changed while its edit was proven; nothing was written.`,
        {
          hint: "Run the command again.",
        },
      );
  }
  const fresh = places.map((one) => ({ ...one, beside: `${one.place}.${randomUUID()}` }));
  try {
    for (const { path, place, beside } of fresh) {
      const mode = (await lstat(place).catch(() => null))?.mode;
      await writeFile(beside, files[path] ?? "", mode === undefined ? {} : { mode: mode & 0o777 });
    }
    for (const { place, beside } of fresh) await rename(beside, place);
  } finally {
    for (const { beside } of fresh) await rm(beside, { force: true });
  }
};

const mustBePlain = async (path: string, place: string): Promise<void> => {
  const isLink = (await lstat(place).catch(() => null))?.isSymbolicLink() === true;
  if (isLink || (await realpath(dirname(place))) !== dirname(place))
    throw new PlumblineError("path-escapes", `${path} lies behind a symbolic link and is not edited.`);
};
