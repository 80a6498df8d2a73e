export declare const phaseOf: (line: string) => string | undefined;
export declare const piecesOf: (line: string) => readonly { readonly text: string; readonly tone: string }[];
