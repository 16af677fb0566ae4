//! Model checking: every order of events and every power cut, up to a depth, around the real
//! engine, the real log and the real sign record.
//!
//! ```text
//! scope ─▶ world ──▶ node ──▶ Engine          what a validator was told, told again
//!            │         │ carry_out
//!            │         └────▶ disk (Wal, SignRecord), with the power lost at any effect
//!            └─ cast: every letter that anyone could send
//! ```
//!
//! It stands inside the crate because two engines are compared by all that they hold.

mod carry_out;
mod cast;
mod digest;
mod disk;
mod memory;
mod node;
mod scope;
mod vocabulary;
mod world;

mod tests;
