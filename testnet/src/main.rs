//! `vouchsafe-testnet`: a network of real `vouchsafed` processes on this machine.

mod chaos_command;
mod cli;
mod commands;
mod fuzzing;
mod simulate;

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has gone: there is nobody to tell.
        Err(error) if is_closed_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            // Each error names its own cause and remedy; a cause is repeated only if it does not.
            let mut text = error.to_string();
            for cause in error.chain().skip(1).map(ToString::to_string) {
                if !text.contains(&cause) {
                    text = format!("{text}: {cause}");
                }
            }
            eprintln!("vouchsafe-testnet: {}", text.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
