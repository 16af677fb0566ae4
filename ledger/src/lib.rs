//! The ledger: blocks in, state out. It judges and executes blocks, keeps what is committed, and
//! answers with proofs. It is synchronous, and reads neither clock nor randomness: the same blocks
//! give the same state everywhere. Only [`RocksStore`] touches a disk.
//!
//! Modules, each on rows below its own only:
//!
//! ```text
//! audit, build, validate, proof_files      blocks judged and made; answers as files
//! ledger                                   where the chain stands, block after block
//! executed, genesis_state, reader          a block's outcome; the first state; answers
//! execution, head, view, at_hand           a block's rules; the newest block; what readers see
//! drafts, memory                           records as a block changes them; a store without disk
//! state, rule, read, rocks, block_log      records with their hashes; the store on disk
//! store, tree, terms, roots                what is asked of a store; the state tree
//! acts
//! ```

mod acts;
mod at_hand;
mod audit;
mod block_log;
mod build;
mod drafts;
mod executed;
mod execution;
mod genesis_state;
mod head;
mod ledger;
mod memory;
mod proof_files;
mod read;
mod reader;
mod rocks;
mod roots;
mod rule;
mod state;
mod store;
mod terms;
mod tree;
mod validate;
mod view;

pub use acts::{Act, LogKind};
pub use at_hand::{AtHand, ReadAtHand};
pub use audit::{AuditError, AuditReport, verify_chain};
pub use block_log::BlockLog;
pub use build::{BuildError, BuildInput, Built};
pub use executed::{Executed, NextHead};
pub use head::Head;
pub use ledger::Ledger;
pub use memory::MemoryStore;
pub use read::{StoredLeaf, block_at, block_leaves, stored_block, stored_leaves, transaction_at};
pub use reader::{Answer, History, ReadError, Reader};
pub use rocks::{RocksStore, StoreStatistics};
pub use roots::evidence_root;
pub use rule::{AdmitError, EvidenceRule, InvalidBlock, Rule, ValidateError};
pub use store::{
    CommitBatch, CommittedTransaction, GenesisBatch, Growth, Leaves, Location, Offence,
    RecordChange, SCHEMA_VERSION, StoreError, StoreRead, StoreWrite, StoredRecord,
};
pub use terms::Terms;
pub use tree::{Change, StateTree};
pub use validate::{KnownTransactions, body_matches_header};
pub use view::View;
