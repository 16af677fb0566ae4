//! The engine's own types, and the way between them and `vouchsafe-types`. None of them leaves
//! this crate.
//!
//! ```text
//! vouchsafe_types::{Vote, Proposal, …} ── convert ──▶ context::{CoreVote, CoreProposal, …}
//!                                      ◀── convert ──
//! ```

mod context;
mod convert;

pub(crate) use context::{
    CoreAddress, CoreContext, CoreHeight, CoreProposal, CoreValidatorSet, CoreValue, CoreVote,
};
pub(crate) use convert::*;
