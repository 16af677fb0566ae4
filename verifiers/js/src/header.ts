// Section 8: headers of blocks. A header is hashed as it was written: every header that can be read
// is canonical.

import { tagged } from "./hashes.ts";
import type { Structure } from "./reader.ts";

export interface Header {
  readonly chainId: Uint8Array;
  readonly height: bigint;
  readonly round: number;
  readonly timeMilliseconds: bigint;
  readonly parent: Uint8Array;
  readonly historyRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly transactionCount: number;
  readonly stateRoot: Uint8Array;
  readonly validators: Uint8Array;
  readonly nextValidators: Uint8Array;
  readonly proposer: Uint8Array;
  readonly parentCertificate: Uint8Array;
  readonly evidenceRoot: Uint8Array;
  readonly blockId: Uint8Array;
}

export const HeaderStructure: Structure<Header> = {
  name: "a header",
  limit: 345,
  read(reader) {
    const start = reader.position;
    reader.version("a header");
    const fields = {
      chainId: reader.hash(),
      height: reader.u64(),
      round: reader.u32(),
      timeMilliseconds: reader.u64(),
      parent: reader.hash(),
      historyRoot: reader.hash(),
      transactionsRoot: reader.hash(),
      transactionCount: reader.u32(),
      stateRoot: reader.hash(),
      validators: reader.hash(),
      nextValidators: reader.hash(),
      proposer: reader.hash(),
      parentCertificate: reader.hash(),
      evidenceRoot: reader.hash(),
    };
    return { ...fields, blockId: tagged("vouchsafe-block-id-v1", reader.since(start)) };
  },
};
