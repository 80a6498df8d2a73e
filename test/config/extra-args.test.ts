import { describe, expect, test } from "vitest";
import { allowedExtraArgs } from "../../src/config/extra-args.ts";

describe("engine flags after --", () => {
  test.each([
    [["-target=aws_x.y"], ["-target=aws_x.y"]],
    [["--target", 'aws_x.y["k"]'], ['-target=aws_x.y["k"]']],
    [["-var", "a=b=c"], ["-var=a=b=c"]],
    [["-var", "-destroy"], ["-var=-destroy"]],
    [["-var=x=$HOME"], ["-var=x=$HOME"]],
    [["-var-file=env/prod.tfvars"], ["-var-file=env/prod.tfvars"]],
    [
      ["-refresh=false", "-destroy"],
      ["-refresh=false", "-destroy"],
    ],
    [
      ["-parallelism=20", "-lock-timeout=5m", "-compact-warnings"],
      ["-parallelism=20", "-lock-timeout=5m", "-compact-warnings"],
    ],
    [[], []],
  ])("plan takes %j", (words, args) => {
    expect(allowedExtraArgs("plan", words)).toEqual({ ok: true, args });
  });

  test.each([
    [["-lock=false"], "refused"],
    [["word"], "refused"],
    [["-chdir=x"], "refused"],
    [["-input=true"], "refused"],
    [["-var"], "needs a value"],
    [["-var-file=/etc/passwd"], "inside the repository"],
    [["-var-file=../../x"], "inside the repository"],
    [["-parallelism=0"], "from 1 to 999"],
    [["-parallelism=$(id)"], "from 1 to 999"],
    [["-parallelism=$TOKEN"], "from 1 to 999"],
    [["-parallelism", "${TOKEN}"], "from 1 to 999"],
    [["-lock-timeout=1y"], "30s or 5m"],
    [["-refresh=maybe"], "true or false"],
    [["-var=a=b\nc"], "control character"],
  ])("plan refuses %j", (words, why) => {
    expect(allowedExtraArgs("plan", words)).toMatchObject({
      ok: false,
      message: expect.stringContaining(why),
    });
  });

  test("apply says where a planning flag belongs", () => {
    expect(allowedExtraArgs("apply", ["-target=a.b"])).toMatchObject({
      message: expect.stringContaining("give this to `plan`"),
    });
    expect(allowedExtraArgs("apply", ["-parallelism=2"])).toEqual({ ok: true, args: ["-parallelism=2"] });
    expect(allowedExtraArgs("unlock", ["-x"])).toMatchObject({
      message: expect.stringContaining("no engine flags"),
    });
  });
});
