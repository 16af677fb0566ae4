import type { JsonValue } from "./json.ts";
export declare class Members {
    private readonly where;
    private readonly rule;
    private readonly object;
    /** Refuses, unless the value is an object with all required, maybe optional, and no other members. */
    constructor(value: JsonValue | undefined, where: string, rule: string, required: readonly string[], optional?: readonly string[]);
    has(name: string): boolean;
    value(name: string): JsonValue | undefined;
    text(name: string): string;
    number(name: string): number;
    list(name: string): JsonValue[];
    /** A 64-bit integer: a decimal string without sign or leading zeros. */
    decimal(name: string, least: bigint, most: bigint): bigint;
    refuse(name: string, sentence: string): never;
}
