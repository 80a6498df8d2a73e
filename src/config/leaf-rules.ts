import { z } from "zod";
import { scheduleProblem } from "./cron.ts";
import { dirGlobProblem, hasGlob } from "./dir-glob.ts";
import { parseDuration } from "./duration.ts";
import { cleanPath, escapes } from "./paths.ts";
import { compilePatterns, patternsUnder } from "./patterns.ts";
import { regexProblem } from "./safe-regex.ts";
import { workspaceNameProblem } from "./workspace-name.ts";

/** Single values of the repository files, each with its rule; both files build on them. */

/** Text that must keep a rule: the function says what is wrong with it. */
export const ruled = (problem: (text: string) => string | undefined) =>
  z.string().check((context) => {
    const message = problem(context.value);
    if (message) context.issues.push({ code: "custom", input: context.value, message });
  });

export const dirRule = ruled((dir) => {
  if (dir === "") return "This must not be empty; write `.` for the root of the repository.";
  if (dir.includes("..")) return "A folder cannot contain `..`; write it from the root of the repository.";
  if (/[\p{Cc}#]/u.test(dir)) return "A folder cannot contain `#` or control characters.";
  const problem = hasGlob(dir) ? dirGlobProblem(dir) : undefined;
  return problem && `This is no valid glob: ${problem}.`;
});

export const workspaceRule = ruled((name) => {
  const problem = name.includes("#") ? "cannot contain `#`" : workspaceNameProblem(name);
  return problem && `A workspace name ${problem}.`;
});

export const projectRule = ruled((name) => {
  if (name === "") return "This must not be empty; leave the key out instead.";
  return /^[\w.~/-]+$/.test(name) ? undefined : "A project name is made of letters, digits and `. _ ~ - /`.";
});

export const patternRule = ruled((pattern) => {
  const compiled = compilePatterns(patternsUnder(".", [pattern]));
  return compiled.ok ? undefined : `This is no valid pattern: ${compiled.message}.`;
});

export const ignorePathRule = ruled((glob) => {
  if (glob.startsWith("/"))
    return "Write it without the leading slash: it counts from the root of the repository.";
  const problem = dirGlobProblem(glob);
  return problem && `This is no valid glob: ${problem}.`;
});

export const scheduleRule = ruled((schedule) => {
  const problem = schedule === "off" ? undefined : scheduleProblem(schedule);
  return problem && `This is no schedule: ${problem}. Write \`off\` for none.`;
});

export const durationRule = ruled((time) =>
  parseDuration(time) === undefined ? "This is no time such as 30s, 30m or 2h." : undefined,
);

export const versionRule = ruled((version) =>
  /^v?\d+(\.\d+)*(-?[A-Za-z~-][\w.~-]*|-\d[\w.~-]*)?(\+[\w.~-]+)?$/.test(version)
    ? undefined
    : "This is no version such as 1.11.4.",
);

export const slashedRegexRule = ruled((text) => {
  if (text.length < 2 || !text.startsWith("/") || !text.endsWith("/"))
    return "Write the expression between slashes: /main/.";
  const problem = regexProblem(text.slice(1, -1));
  return problem && `This expression cannot be used: ${problem}.`;
});

/** `/expression/`, or a branch's name as it is. */
export const branchRule = ruled((text) => {
  if (text === "") return "This must not be empty.";
  if (!text.startsWith("/")) return undefined;
  if (text.length < 2 || !text.endsWith("/")) return "An expression ends with a slash too: /main/.";
  const problem = regexProblem(text.slice(1, -1));
  return problem && `This expression cannot be used: ${problem}.`;
});

export const dateRule = ruled((text) =>
  endOfDate(text) === undefined ? "This is no date such as 2030-01-31 or 2030-01-31T08:00:00Z." : undefined,
);

/** A date without a time lasts until its end. */
export const endOfDate = (text: string): Date | undefined => {
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const date = new Date(text.length === 10 ? `${text}T23:59:59.999Z` : text);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

export const varFileRule = ruled((file) => {
  if (file === "" || /\p{Cc}/u.test(file)) return "This must name a file.";
  return file.startsWith("/")
    ? "Name the file from the workspace's folder, not from the machine's root."
    : undefined;
});

export const digestIgnoreRule = ruled((text) =>
  /^[^:]+:.+$/.test(text) ? undefined : "Write `ADDRESS:PATH`, such as aws_instance.web:tags.built_at.",
);

export const filledRule = ruled((text) => (text.trim() === "" ? "This must not be empty." : undefined));

/** Whether a file named from a folder lies outside of the repository. */
export const leavesRepository = (dir: string, file: string): boolean => escapes(cleanPath(`${dir}/${file}`));

export const requirement = z.enum(["approved", "mergeable", "undiverged"]);
export const lockMode = z.enum(["on_plan", "on_apply", "disabled"]);
export const changeClass = z.enum(["R0", "R1", "R2", "R3", "R4", "R5"]);
export const silenced = z.array(z.enum(["plan", "apply"]));
