//! The `vouch` command: see the library's documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    vouchsafe_client::tls::install_provider();
    vouchsafe_client::run::main().into()
}
