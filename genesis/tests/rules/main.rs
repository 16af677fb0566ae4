//! Each rule of a genesis document and of a member file, with its error.

mod chain;
mod document;
mod organization;
mod peer;
mod sample;
mod vector;
