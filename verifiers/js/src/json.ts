// A strict JSON reader. JSON.parse forgives what must be refused here: members that stand twice,
// numbers with a fraction, nesting without end. And the RFC 8785 form, which the chain id is made of.

import { quoted, Refused } from "./refused.ts";

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

export const DEPTH_MAX = 8;
const WHITE_SPACE = " \t\n\r";
const INTEGER = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);

class JsonReader {
  private offset = 0;

  constructor(
    private readonly text: string,
    private readonly rule: string,
  ) {}

  document(): JsonValue {
    const value = this.value(1);
    this.skipWhiteSpace();
    if (this.offset < this.text.length) this.refuse("something follows the document");
    return value;
  }

  private value(depth: number): JsonValue {
    this.skipWhiteSpace();
    const character = this.text[this.offset];
    if (character === "{" || character === "[") {
      if (depth > DEPTH_MAX) this.refuse(`it is nested deeper than ${DEPTH_MAX}`);
      this.offset += 1;
      return character === "{" ? this.object(depth) : this.array(depth);
    }
    if (character === '"') return this.string();
    for (const [word, meaning] of [["null", null], ["true", true], ["false", false]] as const) {
      if (this.text.startsWith(word, this.offset)) {
        this.offset += word.length;
        return meaning;
      }
    }
    return this.integer();
  }

  private object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    if (this.take("}")) return members;
    do {
      this.skipWhiteSpace();
      const name = this.string();
      if (members.has(name)) this.refuse(`the member ${quoted(name)} stands twice`);
      this.expect(":");
      members.set(name, this.value(depth + 1));
    } while (this.take(","));
    this.expect("}");
    return members;
  }

  private array(depth: number): JsonValue[] {
    const values: JsonValue[] = [];
    if (this.take("]")) return values;
    do values.push(this.value(depth + 1));
    while (this.take(","));
    this.expect("]");
    return values;
  }

  /** Numbers have neither sign nor fraction nor exponent: no document of ours has any of them. */
  private integer(): number {
    INTEGER.lastIndex = this.offset;
    const digits = INTEGER.exec(this.text)?.[0];
    const value = Number(digits);
    if (digits === undefined || !Number.isSafeInteger(value)) return this.refuse("a value cannot be read");
    this.offset += digits.length;
    return value;
  }

  private string(): string {
    if (this.text[this.offset] !== '"') this.refuse("a string is missing");
    this.offset += 1;
    let read = "";
    for (;;) {
      read += this.plainCharacters();
      if (this.text[this.offset] === '"') break;
      if (this.text[this.offset] !== "\\") this.refuse("a string ends early or has a control character");
      read += this.escape();
    }
    this.offset += 1;
    // A lone half of a surrogate pair is no text: it has no UTF-8 form.
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(read)) {
      this.refuse("a string has half of a surrogate pair");
    }
    return read;
  }

  private plainCharacters(): string {
    const start = this.offset;
    for (;;) {
      const code = this.text.charCodeAt(this.offset);
      // At the text's end the code is NaN, for which no comparison holds.
      if (!(code >= 0x20) || code === 0x22 || code === 0x5c) return this.text.slice(start, this.offset);
      this.offset += 1;
    }
  }

  private escape(): string {
    const letter = this.text[this.offset + 1] ?? "";
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.offset += 2;
      return plain;
    }
    const digits = this.text.slice(this.offset + 2, this.offset + 6);
    if (letter !== "u" || !/^[0-9A-Fa-f]{4}$/.test(digits)) this.refuse("a string has an unknown escape");
    this.offset += 6;
    return String.fromCharCode(parseInt(digits, 16));
  }

  private skipWhiteSpace(): void {
    while (this.offset < this.text.length && WHITE_SPACE.includes(this.text[this.offset]!)) this.offset += 1;
  }

  private take(character: string): boolean {
    this.skipWhiteSpace();
    if (this.text[this.offset] !== character) return false;
    this.offset += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) this.refuse(`'${character}' is missing`);
  }

  private refuse(sentence: string): never {
    throw new Refused(this.rule, `the JSON cannot be read at character ${this.offset}: ${sentence}`);
  }
}

export function parseJson(text: string, rule: string): JsonValue {
  return new JsonReader(text, rule).document();
}

/** RFC 8785: no white space, members by UTF-16 code units, strings as JSON.stringify escapes them. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  const names = [...value.keys()].sort((first, second) => (first < second ? -1 : 1));
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value.get(name)!)}`).join(",")}}`;
}
