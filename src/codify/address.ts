/** One module call on the way to a resource, with the instance's key where it is repeated. */
export interface ModuleStep {
  readonly name: string;
  readonly key?: string | number;
}

export interface ResourceAddress {
  readonly modules: readonly ModuleStep[];
  readonly type: string;
  readonly name: string;
  readonly key?: string | number;
}

/** `module.a["x"].aws_b.c[0]`, taken apart; undefined for a data source or what is no address. */
export const parseAddress = (address: string): ResourceAddress | undefined => {
  const tokens = [...address.matchAll(TOKEN)].map(([, key, name]): Token => {
    return key === undefined ? { name: name ?? "" } : { key: JSON.parse(key) as string | number };
  });
  const modules: ModuleStep[] = [];
  while (tokens[0]?.name === "module") {
    tokens.shift();
    modules.push(stepOf(tokens));
  }
  const type = tokens.shift()?.name;
  if (type === undefined || type === "data") return undefined;
  const resource = stepOf(tokens);
  if (resource.name === "" || tokens.length > 0) return undefined;
  return { modules, type, ...resource };
};

interface Token {
  readonly name?: string;
  readonly key?: string | number;
}

const TOKEN = /\[("(?:[^"\\]|\\.)*"|\d+)\]|([^.[\]]+)/g;

const stepOf = (tokens: Token[]): ModuleStep => {
  const name = tokens.shift()?.name ?? "";
  const key = tokens[0]?.key;
  if (key === undefined) return { name };
  tokens.shift();
  return { name, key };
};

/** The address without any instance keys: the block in the code. */
export const blockAddress = (address: string): string =>
  address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, "");
