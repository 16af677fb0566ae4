//! `vouchsafed`: one node of a Vouchsafe chain.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A node allocates and frees on many threads at once: docs/PERFORMANCE.md has the difference.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match vouchsafe_node::run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has gone: there is nobody to tell.
        Err(error) if is_closed_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            // Each error of this program names its own cause and remedy.
            let mut text = error.to_string();
            for cause in error.chain().skip(1).map(|cause| cause.to_string()) {
                if !text.contains(&cause) {
                    text = format!("{text}: {cause}");
                }
            }
            eprintln!("vouchsafed: {}", printable(text.trim_end()));
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// A text with what could command a terminal written out: documents and answers come from others.
fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '"' | '\'' | '\\' => safe.push(character),
            other => safe.extend(other.escape_debug()),
        }
    }
    safe
}
