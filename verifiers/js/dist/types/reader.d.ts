export declare class Reader {
    private readonly input;
    private offset;
    private readonly view;
    private outOfOrder;
    constructor(input: Uint8Array);
    /** Where the next byte is; with `since`, for structures whose own bytes are hashed. */
    get position(): number;
    /** The input from an earlier position up to here. */
    since(position: number): Uint8Array;
    fixed(length: number): Uint8Array;
    hash(): Uint8Array;
    u8(): number;
    u16(): number;
    u32(): number;
    u64(): bigint;
    version(what: string): void;
    /** One of the numbered variants. */
    variant<Name extends string>(what: string, variants: Readonly<Record<number, Name>>): Name;
    option<Value>(what: string, read: () => Value): Value | null;
    /** A count or length, refused before anything of what it counts is read. */
    count(what: string, least: number, most: number): number;
    list<Value>(what: string, least: number, most: number, read: () => Value): Value[];
    bytes(what: string, least: number, most: number): Uint8Array;
    text(what: string, least: number, most: number): string;
    /**
     * Notes that what was read has another encoding than its own. It is refused at the end, as if the
     * value had been encoded again and compared: a fault that keeps it from being read comes first.
     */
    notCanonical(sentence: string): void;
    finish(what: string): void;
    private advance;
}
export declare function checkCount(what: string, count: number, least: number, most: number): void;
/** How one structure is read, by itself or inside another. */
export interface Structure<Value> {
    readonly name: string;
    readonly limit: number;
    read(reader: Reader): Value;
}
export declare function checkLength(what: string, length: number, limit: number): void;
/** Reads the structure that the whole input is. */
export declare function decode<Value>(structure: Structure<Value>, input: Uint8Array): Value;
