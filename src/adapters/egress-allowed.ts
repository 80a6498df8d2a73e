import { isIP } from "node:net";

/** Whether an allow list (`HOST`, `*.HOST`, either with `:PORT`, 443 where left out) has a place to connect to. */
export const isAllowed = (allowed: readonly string[], host: string, port: number): boolean =>
  allowed.some((entry) => {
    const [, name = "", ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (port !== Number(ofPort ?? 443)) return false;
    const wanted = host.toLowerCase().replace(/\.$/, "");
    if (!name.startsWith("*.")) return wanted === name;
    return isIP(wanted) === 0 && wanted.endsWith(name.slice(1)) && wanted.length > name.length - 1;
  });

/** This machine and its link: metadata services lie there. Only an entry that names the address itself reaches them. */
export const isNear = (address: string): boolean => {
  const plain = address.toLowerCase().replace(/^::ffff:/, "");
  return (
    /^(127\.|0\.|169\.254\.)/.test(plain) ||
    plain === "::1" ||
    plain === "::" ||
    /^fe[89ab]/.test(plain) ||
    plain === "fd00:ec2::254"
  );
};
