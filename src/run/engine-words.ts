/** The first line of an engine's words that says something, without the frame around it. */
export const firstLine = (text: string): string => {
  const lines = text.split("\n").map((line) => line.replaceAll(/[╷│╵]/g, "").trim());
  return lines.find((line) => line !== "")?.slice(0, 200) ?? "";
};
