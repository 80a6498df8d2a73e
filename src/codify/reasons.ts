/** Why a value stays out of the code, and how a person says it instead. */
export const SENSITIVE =
  "sensitive: its value is never written; set it by hand through the variable or secret store that the code reads, then plan";
export const SECRET =
  "looks like a secret: its value is never written; put it into a secret store or a sensitive variable and refer to it by hand, then plan";
