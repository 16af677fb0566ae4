//! `vouchsafed`: one node of a Vouchsafe chain.

use std::process::ExitCode;

fn main() -> ExitCode {
    match vouchsafe_node::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: each error of this program names its own cause and remedy.
            eprintln!("vouchsafed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
