//! The real program, from outside: its life, its commands, its API.

mod api;
mod certificates;
mod encryption;
mod evidence;
mod founding;
mod lifecycle;
mod peers;
mod refusals;
mod running;
mod statements;
mod submissions;
