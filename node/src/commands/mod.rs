//! What each command does, one file a command.

mod audit;
mod compact;
mod dev;
mod dev_genesis;
mod found;
mod init;
mod inspect;
mod start;
mod status;
mod status_channel;

use std::io::{Write as _, stdout};

use anyhow::Result;
use clap::Parser;

use crate::cli::{Cli, Command, GenesisCommand};
use crate::home::Home;
use crate::logging::LogOptions;
use crate::network::AnswerPeer;
use crate::tls;

/// What the default home's name ends with for `dev`: a trial never touches a validator's home.
const DEV_SUFFIX: &str = "-dev";

/// Reads the command line and does what it says.
///
/// # Errors
/// Whatever the command could not do; the message names cause and remedy.
pub(crate) fn run(answer: AnswerPeer) -> Result<()> {
    let Cli { home, log, log_format, command } = Cli::parse();
    tls::install_provider();
    let options = LogOptions { filter: log, format: log_format };
    let located = |suffix| Home::locate(home.clone(), suffix);
    match command {
        Command::Init(arguments) => init::run(&located("")?, &arguments),
        Command::Start(arguments) => start::run(&located("")?, &arguments, &options, answer),
        Command::Dev(arguments) => dev::run(located(DEV_SUFFIX)?, &arguments, &options, answer),
        Command::Status(arguments) => status::run(&located("")?, &arguments),
        Command::Audit => audit::run(&located("")?),
        Command::Compact => compact::run(&located("")?),
        Command::Genesis(command) => match command {
            GenesisCommand::Member(arguments) => found::member(&located("")?, &arguments),
            GenesisCommand::New(arguments) => found::new(&arguments),
            GenesisCommand::Show(argument) => inspect::show(&argument.file),
            GenesisCommand::Hash(argument) => inspect::hash(&argument.file),
            GenesisCommand::Validate(argument) => inspect::validate(&argument.file),
        },
        Command::Version => {
            writeln!(stdout(), "vouchsafed {}", env!("CARGO_PKG_VERSION"))?;
            Ok(())
        }
    }
}
