import type { Reader } from "./reader.ts";
export declare const SCHEMES: {
    readonly 1: "bytes";
    readonly 2: "directory";
    readonly 3: "git";
    readonly 4: "image";
    readonly 5: "image-configuration";
};
export declare const STATUSES: {
    readonly 0: "TRUSTED";
    readonly 1: "UNTRUSTED";
    readonly 2: "UNKNOWN";
    readonly 3: "UNSUPPORTED";
};
export declare const REASONS: {
    readonly 1: "COMPROMISED";
    readonly 2: "DEPRECATED";
};
export declare const ROLES: {
    readonly 1: "signer";
    readonly 2: "admin";
};
export type Scheme = (typeof SCHEMES)[keyof typeof SCHEMES];
export type Status = (typeof STATUSES)[keyof typeof STATUSES];
export type Reason = (typeof REASONS)[keyof typeof REASONS];
export type Role = (typeof ROLES)[keyof typeof ROLES];
export declare const SCHEME_NUMBERS: ReadonlyMap<string, number>;
export declare function isScheme(name: string): name is Scheme;
export declare function readScheme(reader: Reader): Scheme;
export declare function readStatus(reader: Reader): Status;
export declare function readReason(reader: Reader): Reason;
export declare function readRole(reader: Reader): Role;
/** What all organizations' statuses come to: one UNTRUSTED outweighs every TRUSTED. */
export declare function overall(statuses: readonly Status[]): Status;
