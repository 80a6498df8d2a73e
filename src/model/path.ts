/** Steps into a resource's value: attribute names and map keys are strings, list positions are numbers. */
export type Path = readonly (string | number)[];

const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/**
 * A path as Terraform traversal text relative to its resource: `tags["a.b"]`, `ingress[0].from_port`.
 * The whole resource is `""`. A map key that is an identifier is written as an attribute: `tags.env`.
 */
export const renderPath = (path: Path): string =>
  path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!IDENTIFIER.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");

const STEP = /(?:^|\.)([\p{ID_Start}_][\p{ID_Continue}-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/uy;

/** Reads back what `renderPath` wrote; `undefined` when the text is no path. */
export const parsePath = (text: string): Path | undefined => {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const found = STEP.exec(text);
    if (!found) return undefined;
    const [, name, position, key] = found;
    try {
      steps.push(name ?? (position === undefined ? (JSON.parse(key!) as string) : Number(position)));
    } catch {
      return undefined;
    }
  }
  return steps;
};

/** Whether one path is the other or lies on the way to it: `tags` covers `tags.env`. */
export const pathsOverlap = (left: Path, right: Path): boolean =>
  left.slice(0, right.length).every((step, index) => step === right[index]);
