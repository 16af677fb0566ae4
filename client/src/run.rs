//! One run of `vouch`: reads the command line, does the work, writes one answer, and fails closed.
//!
//! Whatever goes wrong, an output that cannot be written and a panic included, exits with a code
//! that no reader takes for trust.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::panic::catch_unwind;

use anstyle::{AnsiColor, Style};
use clap::Parser as _;
use clap::error::ErrorKind;
use serde_json::Value;

use crate::cli::{Cli, Command, OutputFormat};
use crate::commands;
use crate::context::{Context, Settings, say};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::json::{Envelope, ErrorBody};
use crate::output::report::Report;
use crate::transaction_builder::Act;
use vouchsafe_types::transaction::RevocationReason;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> Exit {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // The panic's message is on standard error already.
    catch_unwind(move || run(arguments)).unwrap_or(Exit::Internal)
}

fn run(arguments: Vec<OsString>) -> Exit {
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return command_line_error(&arguments, &error),
    };
    let format = cli.global.output;
    let name = name_of(&cli.command);
    let Executed { result, nodes } = execute(cli);
    let written = match result {
        Ok(report) => write_report(format, &report, &nodes),
        Err(failure) => write_error(format, Some(name), failure.exit(), &failure.body(), &nodes),
    };
    written.unwrap_or_else(|error| {
        let failure = Failure::Output(error);
        say(error_style(), "error", &failure.to_string());
        failure.exit()
    })
}

/// A command's own name, whatever alias was used.
fn name_of(command: &Command) -> &'static str {
    match command {
        Command::Init(_) => "init",
        Command::Sign(_) => "sign",
        Command::Verify(_) => "verify",
        Command::Revoke(_) | Command::Untrust(_) | Command::Unsupport(_) => "revoke",
        Command::Proof(_) => "proof",
        Command::Checkpoint(_) => "checkpoint",
        Command::Inspect(_) => "inspect",
        Command::List(_) => "list",
        Command::Evidence(_) => "evidence",
        Command::Key(_) => "key",
        Command::Status(_) => "status",
        Command::Watch(_) => "watch",
        Command::Version => "version",
    }
}

/// How a command ended, and how the nodes that it asked stood, for programs.
struct Executed {
    result: Result<Report, Failure>,
    nodes: Vec<Value>,
}

fn execute(cli: Cli) -> Executed {
    if matches!(cli.command, Command::Version) {
        return Executed { result: Ok(commands::version::run()), nodes: Vec::new() };
    }
    let format = cli.global.output;
    let context = match Context::new(Settings::from(cli.global)) {
        Ok(context) => context,
        Err(failure) => return Executed { result: Err(failure), nodes: Vec::new() },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Failure::Start).and_then(|runtime| {
        let result = runtime.block_on(dispatch(&context, cli.command, format));
        // A name that is still being resolved is not waited for.
        runtime.shutdown_background();
        result
    });
    // Whatever else was found out hangs from a chain that proves two things at once.
    let result = match context.witness.fork() {
        Some(fork) => Err(Failure::Forked(fork)),
        None => result,
    };
    let facts = context.witness.facts();
    let json = |facts| serde_json::to_value(facts).expect("names and numbers serialize");
    Executed { result, nodes: facts.iter().map(json).collect() }
}

async fn dispatch(
    context: &Context,
    command: Command,
    format: OutputFormat,
) -> Result<Report, Failure> {
    let name = name_of(&command);
    let revoke = Act::Revoke;
    match command {
        Command::Init(arguments) => commands::init::run(context, &arguments).await,
        Command::Sign(arguments) => {
            let proof = arguments.proof.then_some(arguments.proof_format);
            commands::act::run(context, name, Act::Notarize, arguments.act, proof).await
        }
        Command::Revoke(arguments) => {
            let act = revoke(arguments.reason.into());
            commands::act::run(context, name, act, arguments.act, None).await
        }
        Command::Untrust(arguments) => {
            let act = revoke(RevocationReason::Compromised);
            commands::act::run(context, name, act, arguments, None).await
        }
        Command::Unsupport(arguments) => {
            let act = revoke(RevocationReason::Deprecated);
            commands::act::run(context, name, act, arguments, None).await
        }
        Command::Verify(arguments) => commands::verify::run(context, arguments).await,
        Command::Proof(arguments) => commands::proof::run(context, arguments).await,
        Command::Checkpoint(arguments) => commands::checkpoint::run(context, arguments).await,
        Command::Inspect(arguments) => commands::inspect::run(context, arguments).await,
        Command::List(arguments) => commands::list::run(context, arguments).await,
        Command::Evidence(arguments) => commands::evidence::run(context, arguments).await,
        Command::Key(command) => commands::key::run(context, command),
        Command::Status(arguments) => commands::status::run(context, arguments).await,
        Command::Watch(arguments) => commands::watch::run(context, arguments, format).await,
        Command::Version => Ok(commands::version::run()),
    }
}

fn write_report(format: OutputFormat, report: &Report, nodes: &[Value]) -> io::Result<Exit> {
    match format {
        OutputFormat::Json => {
            let command = Some(report.command);
            let error = report.error.as_ref();
            Envelope::new(command, report.exit, &report.results, error)
                .with_nodes(nodes)
                .write(&mut io::stdout().lock())?;
        }
        OutputFormat::Text => {
            let mut stdout = anstream::stdout().lock();
            stdout.write_all(report.text.as_str().as_bytes())?;
            stdout.flush()?;
        }
    }
    Ok(report.exit)
}

fn error_style() -> Style {
    Style::new().bold().fg_color(Some(AnsiColor::Red.into()))
}

fn write_error(
    format: OutputFormat,
    command: Option<&str>,
    exit: Exit,
    body: &ErrorBody,
    nodes: &[Value],
) -> io::Result<Exit> {
    match format {
        OutputFormat::Json => {
            Envelope::new(command, exit, &[], Some(body))
                .with_nodes(nodes)
                .write(&mut io::stdout().lock())?;
        }
        OutputFormat::Text => say(error_style(), "error", &body.message),
    }
    Ok(exit)
}

/// What clap has to say: help on standard output, or what is wrong with the command line.
fn command_line_error(arguments: &[OsString], error: &clap::Error) -> Exit {
    let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if help {
        return if error.print().is_ok() { Exit::Success } else { Exit::Internal };
    }
    if !asks_for_json(arguments) {
        // Its exit code is what counts; a closed standard error cannot be told about.
        let _ = error.print();
        return Exit::Usage;
    }
    let message = error.to_string();
    let message = message.trim().strip_prefix("error: ").unwrap_or(message.trim());
    let body = ErrorBody {
        code: "command-line",
        exit_code: Exit::Usage.code(),
        rule: None,
        message: message.to_owned(),
        fork: None,
    };
    write_error(OutputFormat::Json, None, Exit::Usage, &body, &[]).unwrap_or(Exit::Internal)
}

/// Was JSON asked for, on a command line that could not be read?
fn asks_for_json(arguments: &[OsString]) -> bool {
    let texts: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let spelled = ["-ojson", "-o=json", "--output=json"];
    texts.iter().any(|text| spelled.contains(&&**text))
        || texts
            .windows(2)
            .any(|pair| (pair[0] == "-o" || pair[0] == "--output") && pair[1] == "json")
        || std::env::var_os("VOUCH_OUTPUT").is_some_and(|value| value == "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> bool {
        asks_for_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn errors_of_the_command_line_are_json_when_json_was_asked_for() {
        for line in
            ["vouch -o json x", "vouch x --output json", "vouch x -ojson", "vouch --output=json"]
        {
            assert!(asks(line), "{line}");
        }
        for line in ["vouch x", "vouch -o text", "vouch json -o"] {
            assert!(!asks(line), "{line}");
        }
    }
}
