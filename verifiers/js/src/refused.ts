// The one error of this verifier: why a proof does not hold. The rule's name is the specification's,
// so that verifiers in other languages can be compared; the sentence is for a person.

export class Refused extends Error {
  /** The rule's name in docs/PROTOCOL.md; of nested rules only the last name. */
  readonly rule: string;

  constructor(rule: string, sentence: string) {
    super(sentence);
    this.name = "Refused";
    this.rule = rule;
  }
}

/** A name from a file for a sentence: short, and of characters that do nothing to a terminal or a page. */
export function quoted(name: string): string {
  const shown = name.slice(0, 40).replace(/[^ -~]/g, "?");
  return name.length > 40 ? `'${shown}…'` : `'${shown}'`;
}

/** Refuses, unless the condition holds. */
export function ensure(condition: boolean, rule: string, sentence: string): asserts condition {
  if (!condition) throw new Refused(rule, sentence);
}
