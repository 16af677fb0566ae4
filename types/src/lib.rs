//! Every byte of Vouchsafe that is hashed or signed, and the checks on it.
//!
//! Synchronous, without I/O, clock or randomness: together with `vouchsafe-genesis` it is all that
//! a verifier needs. `docs/PROTOCOL.md` is its prose. Of the standard library it takes only what a
//! heap gives, and three things more: `io::Error`, in which Borsh reports and our own errors travel
//! typed; and caches that only nodes need ([`remembering`], checked keys, points). So it runs wherever
//! there is an allocator and those have a stand-in, such as in WebAssembly.
//!
//! ```text
//! proof ─▶ set_change
//!   │          ▼
//!   └─────▶ verifier ─▶ record ─▶ status                 checkpoint, consistency beside it
//!             │  │        └─▶ transaction ─▶ asset, openssh, log
//!             │  └─▶ state_tree
//!             └─▶ certificate ─▶ vote ─▶ signature ─▶ identity ─▶ hash ─▶ canonical
//! ```

pub mod asset;
pub mod canonical;
pub mod certificate;
pub mod checkpoint;
pub mod consistency;
pub mod evidence;
pub mod hash;
pub mod header;
pub mod identity;
pub mod log;
pub mod openssh;
pub mod proof;
pub mod record;
pub mod remembering;
pub mod set_change;
pub mod signature;
pub mod state_tree;
pub mod status;
pub mod transaction;
pub mod validator_set;
pub mod verifier;
pub mod vote;

mod recent;
