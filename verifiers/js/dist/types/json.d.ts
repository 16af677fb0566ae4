export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;
export declare const DEPTH_MAX = 8;
export declare function parseJson(text: string, rule: string): JsonValue;
/** RFC 8785: no white space, members by UTF-16 code units, strings as JSON.stringify escapes them. */
export declare function canonicalJson(value: JsonValue): string;
