import type { Reader, Structure } from "./reader.ts";
export declare const VALIDATORS_MAX = 256;
export interface Validator {
    readonly publicKey: Uint8Array;
    readonly power: bigint;
    readonly organization: string;
    readonly address: Uint8Array;
}
export interface ValidatorSet {
    readonly members: readonly Validator[];
    readonly byAddress: ReadonlyMap<string, Validator>;
    readonly totalPower: bigint;
    readonly hash: Uint8Array;
}
export declare function isOrganizationId(text: string): boolean;
export declare function readOrganizationId(reader: Reader): string;
export declare function addressOf(publicKey: Uint8Array): Uint8Array;
export declare function makeValidator(publicKey: Uint8Array, power: bigint, organization: string): Validator;
/** The set of these members, which are sorted by address. */
export declare function makeValidatorSet(unsorted: readonly Validator[]): ValidatorSet;
export declare const ValidatorSetStructure: Structure<ValidatorSet>;
