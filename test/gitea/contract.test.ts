import { forgeContract } from "../contract/forge.ts";
import { giteaHarness } from "./harness.ts";

forgeContract("a real Gitea", giteaHarness, { timeoutMs: 20 * 60_000 });
