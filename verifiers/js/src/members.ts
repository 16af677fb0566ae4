// Reads objects of JSON that have exactly the members that they must have, each of its type. The
// genesis document and the JSON form of a proof are read through this.

import type { JsonObject, JsonValue } from "./json.ts";
import { quoted, Refused } from "./refused.ts";

export class Members {
  private readonly object: JsonObject;

  /** Refuses, unless the value is an object with all required, maybe optional, and no other members. */
  constructor(
    value: JsonValue | undefined,
    private readonly where: string,
    private readonly rule: string,
    required: readonly string[],
    optional: readonly string[] = [],
  ) {
    if (!(value instanceof Map)) throw new Refused(rule, `${where} is not an object`);
    this.object = value;
    for (const name of required) if (!value.has(name)) throw new Refused(rule, `${where} lacks '${name}'`);
    for (const name of value.keys()) {
      if (!required.includes(name) && !optional.includes(name)) {
        throw new Refused(rule, `${where} has an unknown member, ${quoted(name)}`);
      }
    }
  }

  has(name: string): boolean {
    return this.object.has(name);
  }

  value(name: string): JsonValue | undefined {
    return this.object.get(name);
  }

  text(name: string): string {
    const value = this.object.get(name);
    return typeof value === "string" ? value : this.refuse(name, "is not a string");
  }

  number(name: string): number {
    const value = this.object.get(name);
    return typeof value === "number" ? value : this.refuse(name, "is not a number");
  }

  list(name: string): JsonValue[] {
    const value = this.object.get(name);
    return Array.isArray(value) ? value : this.refuse(name, "is not a list");
  }

  /** A 64-bit integer: a decimal string without sign or leading zeros. */
  decimal(name: string, least: bigint, most: bigint): bigint {
    const text = this.text(name);
    const value = /^(?:0|[1-9][0-9]{0,19})$/.test(text) ? BigInt(text) : -1n;
    return value >= least && value <= most ? value : this.refuse(name, `is not a number from ${least} to ${most}`);
  }

  refuse(name: string, sentence: string): never {
    throw new Refused(this.rule, `'${name}' of ${this.where} ${sentence}`);
  }
}
