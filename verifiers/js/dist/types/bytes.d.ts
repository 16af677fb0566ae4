/** All of them one after another. */
export declare function concatenate(...parts: Uint8Array[]): Uint8Array;
/** Below zero, zero or above it, as the first is below, equal to or above the second, bytewise. */
export declare function compare(first: Uint8Array, second: Uint8Array): number;
export declare function equal(first: Uint8Array, second: Uint8Array): boolean;
export declare function isZero(bytes: Uint8Array): boolean;
export declare function toHexadecimal(bytes: Uint8Array): string;
/** The bytes of lowercase hexadecimal digits; null if the text is anything else. */
export declare function fromHexadecimal(text: string): Uint8Array | null;
export declare function toBase64(bytes: Uint8Array): string;
/** The bytes of padded base64 without white space or loose bits; null if the text is anything else. */
export declare function fromBase64(text: string): Uint8Array | null;
export declare function toUtf8(text: string): Uint8Array;
/** The text, or null if the bytes are no UTF-8. */
export declare function fromUtf8(bytes: Uint8Array): string | null;
/** Text of ASCII characters as bytes: tags and names that stand in preimages. */
export declare const ascii: typeof toUtf8;
/** A 32-bit number, little-endian. */
export declare function u32LittleEndian(value: number): Uint8Array;
/** A 64-bit number, little-endian. */
export declare function u64LittleEndian(value: bigint): Uint8Array;
