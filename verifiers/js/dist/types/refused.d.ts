export declare class Refused extends Error {
    /** The rule's name in docs/PROTOCOL.md; of nested rules only the last name. */
    readonly rule: string;
    constructor(rule: string, sentence: string);
}
/** A name from a file for a sentence: short, and of characters that do nothing to a terminal or a page. */
export declare function quoted(name: string): string;
/** Refuses, unless the condition holds. */
export declare function ensure(condition: boolean, rule: string, sentence: string): asserts condition;
