//! One file for each kind of event.

mod blocks;
mod catch_up;
mod commit;
mod engine;
mod gathering;
mod messages;
mod offences;
mod peers;
mod submissions;
mod timers;
