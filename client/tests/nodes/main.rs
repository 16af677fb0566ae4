//! Several nodes of one chain: some honest, some behind, dead, full, silent or lying.
//!
//! ```text
//! vouch ─┬─▶ 127.0.0.1:a ─ answers made here, certified by four validators' keys
//!        ├─▶ 127.0.0.1:b ─ …
//!        └─▶ https://127.0.0.1:c ─ TLS ─▶ the genuine vouchsafed
//! ```
//!
//! No network of four is needed: whoever has the keys can make any chain, and any lie.

mod certificates;
#[path = "../../src/chain_fixture.rs"]
mod chain_fixture;
mod checkpoints;
mod committee;
mod evidence;
mod forks;
#[path = "../harness/mod.rs"]
mod harness;
#[path = "../liar/proxy.rs"]
mod proxy;
mod reads;
mod server;
mod submissions;
mod tls;

// The fixture names it as its own crate does.
use vouchsafe_client::transaction_builder;
