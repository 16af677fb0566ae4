//! Real swarms on loopback, with real keys.

mod gossiping;
mod harness;
mod membership;
mod questions;
mod reconnecting;
mod rubbish;
mod villain;
