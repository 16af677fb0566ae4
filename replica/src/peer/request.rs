//! What one node asks another, and the answer.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX, Block, BlockTransactions};

/// The longest request, in bytes: the leaf hashes of a whole block.
pub const REQUEST_BYTES_MAX: usize = 64 + 32 * BLOCK_TRANSACTIONS_MAX;
/// The longest response, in bytes: the longest block and its certificate.
pub const RESPONSE_BYTES_MAX: usize = BLOCK_BYTES_MAX + CommitCertificate::LIMIT_BYTES + 64;
/// The most blocks in one response.
const BLOCKS_MAX: usize = 256;

vouchsafe_types::bounded!(
    /// The leaf hashes of transactions that are asked for.
    list WantedLeaves: Digest, "leaf hashes in a request", 1, BLOCK_TRANSACTIONS_MAX
);
vouchsafe_types::bounded!(
    /// Blocks of successive heights, with their certificates.
    list CertifiedBlocks: CertifiedBlock, "blocks in a response", 0, BLOCKS_MAX
);

/// What a node asks a peer. Every request is idempotent, and is answered from committed or
/// durable data alone.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Request {
    /// How far is the peer? The asking node says how far it is itself.
    Status {
        /// The asking node's newest committed height.
        height: u64,
    },
    /// Committed blocks and their certificates, for catching up.
    Blocks {
        /// The first height.
        from: u64,
        /// The most blocks. The peer may send fewer, but sends one if it has it.
        count: u32,
    },
    /// One block, decided or not.
    Block {
        /// The block.
        block_id: BlockId,
    },
    /// Some transactions of a block.
    Transactions {
        /// The block.
        block_id: BlockId,
        /// The transactions' leaf hashes.
        leaves: WantedLeaves,
    },
}

/// A decided block and the proof that it was.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct CertifiedBlock {
    /// The block.
    pub block: Block,
    /// Its certificate.
    pub certificate: CommitCertificate,
}

/// A peer's answer, of the request's kind.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Response {
    /// How far the peer is.
    Status {
        /// Its newest committed height.
        height: u64,
    },
    /// Blocks from the height asked for, without a gap; none if the peer lacks the first.
    Blocks(CertifiedBlocks),
    /// The block, if the peer has it.
    Block(Option<Box<Block>>),
    /// Those of the transactions that the peer has, in any order.
    Transactions(BlockTransactions),
}

/// A request as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct RequestEnvelope {
    version: Version<1>,
    /// The request.
    pub request: Request,
}

impl RequestEnvelope {
    /// The request, ready to be encoded.
    #[must_use]
    pub fn new(request: Request) -> Self {
        Self { version: Version, request }
    }
}

impl Canonical for RequestEnvelope {
    const LIMIT_BYTES: usize = REQUEST_BYTES_MAX;
}

/// A response as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct ResponseEnvelope {
    version: Version<1>,
    /// The response.
    pub response: Response,
}

impl ResponseEnvelope {
    /// The response, ready to be encoded.
    #[must_use]
    pub fn new(response: Response) -> Self {
        Self { version: Version, response }
    }
}

impl Canonical for ResponseEnvelope {
    const LIMIT_BYTES: usize = RESPONSE_BYTES_MAX;
}
