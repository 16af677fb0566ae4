//! The gRPC API: each call in the file of its subject, all of them reading beside the write path.
//!
//! ```text
//! server ─▶ front ─▶ pieces
//!   └─────▶ service ─┬▶ submit ─▶ receipts ─┬▶ blocks ─▶ errors ─▶ rules
//!                    ├▶ stream ─────────────┘               ▲
//!                    └▶ records, info ──────────────────────┘      reading beside them all
//! ```

mod blocks;
mod checkpoints;
mod errors;
mod evidence;
mod front;
mod info;
mod pieces;
mod proofs;
mod reading;
mod receipts;
mod records;
mod rules;
mod server;
mod service;
mod stream;
mod submit;

pub(crate) use server::serve;
