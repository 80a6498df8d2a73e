import { forgeContract } from "./forge.ts";
import { githubHarness } from "./github-harness.ts";

forgeContract("GitHub, on the local forge", githubHarness);
