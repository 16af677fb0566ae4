//! One file for each kind of event.

mod blocks;
mod catch_up;
mod commit;
mod engine;
mod gathering;
mod messages;
mod peers;
mod submissions;
mod timers;

pub(crate) use commit::OFFENCES_MAX;
