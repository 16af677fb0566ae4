//! One test for each rule of this crate, named by the rule: `docs/RULES.md` lists them.

mod certificate;
mod checkpoint;
mod decoding;
mod evidence;
mod identity;
mod limits;
mod log;
mod openssh;
mod record;
#[path = "../sample/mod.rs"]
mod sample;
mod signature;
mod state_tree;
mod state_tree_forms;
mod transaction;
mod verifier;
