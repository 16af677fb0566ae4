import type { Proof } from "./proof.ts";
export declare const JSON_LENGTH_MAX = 37748736;
export declare function readProofJson(bytes: Uint8Array): Proof;
