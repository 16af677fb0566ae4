//! The ledger's rules: one test for each rule of a transaction, of evidence and of a block; then
//! statuses, the read path, the durable ledger and the audit.

mod audit;
mod block_log;
mod block_rules;
mod building;
mod chain;
mod durable;
mod evidence_rules;
mod proof_files;
mod reading;
mod statuses;
mod stores;
mod transaction_rules;
