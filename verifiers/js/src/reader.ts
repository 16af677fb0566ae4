// Section 1: a strict reader of canonical Borsh. Everything is checked before it is believed: the
// whole input's length first, each count before what it counts, and the end of the input at the end.

import { fromUtf8 } from "./bytes.ts";
import { HASH_LENGTH } from "./hashes.ts";
import { Refused, ensure } from "./refused.ts";

export class Reader {
  private offset = 0;
  private readonly view: DataView;
  private outOfOrder: string | null = null;

  constructor(private readonly input: Uint8Array) {
    this.view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }

  /** Where the next byte is; with `since`, for structures whose own bytes are hashed. */
  get position(): number {
    return this.offset;
  }

  /** The input from an earlier position up to here. */
  since(position: number): Uint8Array {
    return this.input.subarray(position, this.offset);
  }

  fixed(length: number): Uint8Array {
    const start = this.advance(length);
    return this.input.subarray(start, start + length);
  }

  hash(): Uint8Array {
    return this.fixed(HASH_LENGTH);
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }

  version(what: string): void {
    const version = this.u8();
    ensure(version === 1, "UnknownVersion", `${what} has version ${version}, and this verifier knows only version 1`);
  }

  /** One of the numbered variants. */
  variant<Name extends string>(what: string, variants: Readonly<Record<number, Name>>): Name {
    const number = this.u8();
    const name = Object.hasOwn(variants, number) ? variants[number] : undefined;
    if (name === undefined) throw new Refused("Malformed", `${what} has an unknown number, ${number}`);
    return name;
  }

  option<Value>(what: string, read: () => Value): Value | null {
    const byte = this.u8();
    ensure(byte <= 1, "Malformed", `the byte that says whether there is ${what} is neither 0 nor 1`);
    return byte === 0 ? null : read();
  }

  /** A count or length, refused before anything of what it counts is read. */
  count(what: string, least: number, most: number): number {
    const count = this.u32();
    checkCount(what, count, least, most);
    return count;
  }

  list<Value>(what: string, least: number, most: number, read: () => Value): Value[] {
    const count = this.count(what, least, most);
    const values: Value[] = [];
    for (let index = 0; index < count; index += 1) values.push(read());
    return values;
  }

  bytes(what: string, least: number, most: number): Uint8Array {
    return this.fixed(this.count(what, least, most));
  }

  text(what: string, least: number, most: number): string {
    const text = fromUtf8(this.bytes(what, least, most));
    if (text === null) throw new Refused("Malformed", `${what} is not UTF-8`);
    return text;
  }

  /**
   * Notes that what was read has another encoding than its own. It is refused at the end, as if the
   * value had been encoded again and compared: a fault that keeps it from being read comes first.
   */
  notCanonical(sentence: string): void {
    this.outOfOrder ??= sentence;
  }

  finish(what: string): void {
    const left = this.input.length - this.offset;
    ensure(left === 0, "TrailingBytes", `${what} is followed by ${left} bytes that do not belong to it`);
    if (this.outOfOrder !== null) throw new Refused("NotCanonical", this.outOfOrder);
  }

  private advance(length: number): number {
    const start = this.offset;
    ensure(length <= this.input.length - start, "Malformed", "the encoding ends early");
    this.offset = start + length;
    return start;
  }
}

export function checkCount(what: string, count: number, least: number, most: number): void {
  ensure(count <= most, "TooMany", `${what}: ${count} announced, and at most ${most} are allowed`);
  ensure(count >= least, "TooFew", `${what}: ${count} announced, and at least ${least} are needed`);
}

/** How one structure is read, by itself or inside another. */
export interface Structure<Value> {
  readonly name: string;
  readonly limit: number;
  read(reader: Reader): Value;
}

export function checkLength(what: string, length: number, limit: number): void {
  ensure(length <= limit, "TooLong", `${what} has ${length} bytes, and at most ${limit} are allowed`);
}

/** Reads the structure that the whole input is. */
export function decode<Value>(structure: Structure<Value>, input: Uint8Array): Value {
  checkLength(structure.name, input.length, structure.limit);
  const reader = new Reader(input);
  const value = structure.read(reader);
  reader.finish(structure.name);
  return value;
}
