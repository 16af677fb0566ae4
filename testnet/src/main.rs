//! `vouchsafe-testnet`: a network of real `vouchsafed` processes on this machine.

mod cli;
mod commands;

use clap::Parser as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    commands::run(cli::Cli::parse()).await
}
