// int8 and count() come as text otherwise, and differently in the two homes. All of ours fit a double.
const INT8 = 20;
export const PARSERS: { readonly [oid: number]: (text: string) => unknown } = { [INT8]: Number };
