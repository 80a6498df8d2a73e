import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files go by size, and the longest of all is a short one: played last, it would keep one worker while two wait. */
class StoryFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isStory = ({ moduleId }: TestSpecification): boolean =>
      moduleId.endsWith("/test/story/story.test.ts");
    return [...sorted.filter(isStory), ...sorted.filter((file) => !isStory(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/flyway/**", "test/gitea/**", "test/scale/**"],
    // Limits that a machine under load does not reach: what hangs is found all the same.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // Tests that drive engines wait a good part of their time: three fill two cores.
    maxWorkers: 3,
    sequence: { sequencer: StoryFirst },
    env: { PLUMBLINE_TEST: "1" },
  },
});
