import { PlumblineError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { parseAddress, type ResourceAddress } from "./address.ts";
import { findBlock, type Module, moduleAt } from "./configuration.ts";
import { attempt } from "./refusal.ts";
import { quoted } from "./render.ts";

/** A live thing that nobody wrote into code, and the address that it is to have there. */
export interface ImportWish {
  readonly address: string;
  /** As the provider takes it. */
  readonly id: string;
}

export interface ImportTarget extends ImportWish {
  readonly at: ResourceAddress;
  readonly module: Module;
  /** The name under which the engine writes its block: a resource of the root module, whatever the address. */
  readonly standIn: string;
}

/** `ADDRESS=ID`; an equals sign inside of an instance key belongs to the address. @throws `wrong-arguments`. */
export const readImportWish = (text: string): ImportWish => {
  const found = /^((?:[^="[\]]|\[(?:"(?:[^"\\]|\\.)*"|\d+)\])+)=(.+)$/s.exec(text);
  const [, address = "", id = ""] = found ?? [];
  if (found && address.trim() !== "" && id.trim() !== "") return { address: address.trim(), id: id.trim() };
  throw new PlumblineError("wrong-arguments", `--import is ADDRESS=ID, not ${JSON.stringify(text)}.`, {
    hint: "For example --import 'aws_s3_bucket.logs=my-log-bucket'.",
  });
};

/**
 * Where each wish leads. @throws `config-invalid` in a sentence for an address that is taken, that no block can be
 * written for, or that is wished for twice.
 */
export const importTargets = (
  root: Module,
  plan: Plan,
  wishes: readonly ImportWish[],
): readonly ImportTarget[] =>
  wishes.map((wish, index) => {
    if (wishes.findIndex(({ address }) => address === wish.address) !== index)
      throw cannot(wish, "it is asked for twice");
    const at = parseAddress(wish.address);
    if (!at || !PLAIN.test(at.type) || !PLAIN.test(at.name))
      throw cannot(wish, "it is not the address of a managed resource, such as aws_s3_bucket.logs");
    if (at.key !== undefined)
      throw cannot(
        wish,
        "an instance comes from the for_each or count of its block. Add its key there by hand, or take it over under a name of its own",
      );
    const found = attempt(() => moduleAt(root, at.modules));
    if ("reason" in found) throw cannot(wish, found.reason);
    const module = found.value;
    const taken = takenBy(module, plan, wish, at);
    if (taken) throw cannot(wish, taken);
    return { ...wish, at, module, standIn: `plumbline_import_${index}` };
  });

const PLAIN = /^[A-Za-z_][\w-]*$/;

const cannot = ({ address }: ImportWish, reason: string): PlumblineError =>
  new PlumblineError("config-invalid", `${address} cannot be taken over: ${reason}.`, {
    hint: "Nothing was changed. Choose an address that neither the code nor the state has.",
  });

const takenBy = (
  module: Module,
  plan: Plan,
  { address }: ImportWish,
  { type, name }: ResourceAddress,
): string | null => {
  if (!module.editable) return "its module comes from a registry or from Git and is not edited here";
  const block = findBlock(module, "resource", type, name);
  if (block) return `${block.file.path} has this resource already`;
  const known = plan.changes.some((change) => change.address === address && change.deposed === null);
  return known ? "the state has this resource already" : null;
};

/** The blocks for which the engine is to write resources, in the root module. */
export const standInImports = (targets: readonly ImportTarget[]): string =>
  targets.map(({ at, standIn, id }) => importBlock(`${at.type}.${standIn}`, id)).join("\n");

export const importBlock = (address: string, id: string): string =>
  `import {\n  to = ${address}\n  id = ${quoted(id)}\n}\n`;
