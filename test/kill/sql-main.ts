import { openSqlKillBench, type SqlAnswered, type SqlPoint, sqlNameOf } from "./sql-bench.ts";
import { everyPoint, STATE_POINTS } from "./sql-points.ts";
import { STORIES } from "./sql-stories.ts";

/** Deaths in each state of a migration, or around every call of every kind of file; returns how many went wrong. */
export const walkSql = async (
  every: boolean,
  {
    most,
    until,
    say,
  }: { readonly most: number; readonly until: number; readonly say: (line: string) => void },
): Promise<number> => {
  const bench = await openSqlKillBench();
  const answers: SqlAnswered[] = [];
  try {
    const points = every ? await pointsOf(bench) : STATE_POINTS;
    say(`${points.length} points`);
    for (const { state, story, point } of points.slice(0, most)) {
      if (Date.now() >= until) break;
      const name = `${STORIES[story].name}: ${sqlNameOf(point)}`;
      const answer = await bench
        .kill(STORIES[story], point)
        .catch((failure): SqlAnswered => ({ name, reached: true, became: "part", wrong: [String(failure)] }));
      const wrong = answer.wrong.map((each) => `\n  WRONG: ${each}`).join("");
      say(`${state}, ${answer.name}: ${answer.became}${answer.reached ? "" : " (not reached)"}${wrong}`);
      answers.push(answer);
    }
  } finally {
    await bench.close();
  }
  const of = (is: (one: SqlAnswered) => boolean): number => answers.filter(is).length;
  const wrong = of((one) => one.wrong.length > 0);
  const became = (["all", "none", "part"] as const).map(
    (one) => `${one} ${of((each) => each.became === one)}`,
  );
  say(
    `${answers.length} deaths, killed at ${of(({ reached }) => reached)}: ${became.join(", ")}; wrong ${wrong}`,
  );
  return wrong;
};

const pointsOf = async (bench: Awaited<ReturnType<typeof openSqlKillBench>>) => {
  const points: { state: string; story: keyof typeof STORIES; point: SqlPoint }[] = [];
  for (const story of Object.keys(STORIES) as (keyof typeof STORIES)[])
    for (const point of everyPoint(story, await bench.dryRun(STORIES[story])))
      points.push({ state: "any", story, point });
  return points;
};
