//! Keys, files and agents against the real OpenSSH programs.

mod agent;
mod files;
mod key_files;
mod passphrases;
mod programs;
mod signatures;
