export declare const KEY_LENGTH = 32;
/** Refuses a key that may be neither a signer's nor an admin's nor a validator's. */
export declare function checkAdmitted(key: Uint8Array): void;
/** RFC 4251's `string`: a 4-byte big-endian length, and the bytes. */
export declare function sshString(bytes: Uint8Array): Uint8Array;
/** What `ssh-keygen -l` prints. */
export declare function fingerprint(key: Uint8Array): string;
/** The key of an OpenSSH line without a comment: `ssh-ed25519 AAAA…`. */
export declare function readKeyLine(line: string): Uint8Array;
