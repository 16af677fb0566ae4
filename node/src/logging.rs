//! Logs on standard error: lines for people, or one JSON object a line.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{LogConfig, LogFormat};

/// What the command line says of the log; it wins over `RUST_LOG`, which wins over the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogOptions {
    pub(crate) filter: Option<String>,
    pub(crate) format: Option<LogFormat>,
}

/// A filter that is not one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the log filter {filter:?} is not valid: {cause}; write a level such as \"info\", or parts \
     such as \"info,vouchsafe_replica=debug\""
)]
pub(crate) struct LogFilterError {
    filter: String,
    cause: ParseError,
}

/// Begins to log.
///
/// # Errors
/// [`LogFilterError`].
pub(crate) fn start(options: &LogOptions, config: &LogConfig) -> Result<(), LogFilterError> {
    let from_environment = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|f| !f.is_empty());
    let filter = options.filter.clone().or(from_environment).unwrap_or(config.filter.clone());
    let parsed = EnvFilter::try_new(&filter).map_err(|cause| LogFilterError { filter, cause })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match options.format.unwrap_or(config.format) {
        LogFormat::Text => subscriber.with_target(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    Ok(())
}
