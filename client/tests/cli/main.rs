//! The real `vouch` against the real `vouchsafed dev`: the newcomer's story, and every wrong input
//! with its named error and exit code.

mod checkpoints;
mod files_and_policies;
#[path = "../harness/mod.rs"]
mod harness;
mod json_schema;
mod keys;
mod proof_files;
mod refusals;
mod resending;
mod story;
mod watching;
