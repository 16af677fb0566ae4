//! One file for each kind of event.

mod blocks;
mod commit;
mod engine;
mod submissions;
mod timers;
