//! One command's answer, for people and programs at once.

use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::output::json::ErrorBody;
use crate::output::text::Text;

/// One result: what JSON lists, and what text shows.
pub trait Entry: Serialize {
    /// Writes the entry for people.
    fn write(&self, text: &mut Text);
}

/// What a command found out.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The command, by its own name.
    pub command: &'static str,
    /// What the process exits with.
    pub exit: Exit,
    /// The results, for programs.
    pub results: Vec<Value>,
    /// The results, for people.
    pub text: Text,
    /// The error that made the exit code, if one did.
    pub error: Option<ErrorBody>,
}

impl Report {
    /// An answer without results yet.
    #[must_use]
    pub fn new(command: &'static str) -> Self {
        let (results, text) = (Vec::new(), Text::new());
        Self { command, exit: Exit::Success, results, text, error: None }
    }

    /// Adds a result.
    pub fn add(&mut self, entry: &impl Entry) {
        entry.write(&mut self.text);
        let value = serde_json::to_value(entry).expect("entries hold no map with other keys");
        self.results.push(value);
    }

    /// Adds a result that has an exit code, and an error if it made it. The worst of all wins.
    pub fn add_judged(&mut self, entry: &impl Entry, exit: Exit, error: Option<&ErrorBody>) {
        self.add(entry);
        let worse = self.exit.worse(exit);
        if worse != self.exit {
            self.exit = worse;
            self.error = error.cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Word(&'static str);

    impl Entry for Word {
        fn write(&self, text: &mut Text) {
            text.line(self.0);
        }
    }

    #[test]
    fn the_worst_results_code_and_error_win() {
        let error = |code| ErrorBody {
            code,
            exit_code: 21,
            rule: None,
            message: String::new(),
            fork: None,
        };
        let mut report = Report::new("verify");
        report.add_judged(&Word("good"), Exit::Success, None);
        report.add_judged(&Word("silent"), Exit::CouldNotCheck, Some(&error("silent")));
        report.add_judged(&Word("unknown"), Exit::Unknown, None);
        assert_eq!(report.exit, Exit::CouldNotCheck);
        assert_eq!(report.error.as_ref().map(|error| error.code), Some("silent"));
        report.add_judged(&Word("bad"), Exit::Untrusted, None);
        assert_eq!((report.exit, report.error), (Exit::Untrusted, None));
        assert_eq!(report.results.len(), 4);
        assert_eq!(report.text.as_str(), "good\nsilent\nunknown\nbad\n");
    }
}
