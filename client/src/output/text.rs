//! Aligned text for people. Whatever goes in is neutralized, so that no caller can forget it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use vouchsafe_types::status::Status;

use crate::output::escape::neutral;

/// Names of fields are padded to this width.
const FIELD_WIDTH: usize = 14;

/// What a headline's first word means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Be careful.
    Doubtful,
    /// Harm.
    Bad,
    /// Neither.
    Plain,
}

impl Tone {
    /// The tone of a status.
    #[must_use]
    pub fn of(status: Status) -> Self {
        match status {
            Status::Trusted => Self::Good,
            Status::Untrusted => Self::Bad,
            Status::Unknown | Status::Unsupported => Self::Doubtful,
        }
    }

    fn style(self) -> Style {
        let colored = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
        match self {
            Self::Good => colored(AnsiColor::Green),
            Self::Doubtful => colored(AnsiColor::Yellow),
            Self::Bad => colored(AnsiColor::Red),
            Self::Plain => Style::new().bold(),
        }
    }
}

/// Text that grows line by line. It holds styles, which the printer strips where they do not
/// belong.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text(String);

impl Text {
    /// No text yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines as they are, but for what a terminal would act on: something that is read again.
    pub fn raw(&mut self, lines: &str) {
        for line in lines.lines() {
            self.0.push_str(&neutral(line));
            self.0.push('\n');
        }
    }

    /// A word that stands out, and what it is about.
    pub fn headline(&mut self, tone: Tone, word: &str, subject: &str) {
        let style = tone.style();
        let (word, subject) = (neutral(word), neutral(subject));
        writeln!(self.0, "{style}{word}{style:#}  {subject}").expect("writing to a string");
    }

    /// One fact, indented under a headline.
    pub fn field(&mut self, name: &str, value: &str) {
        let value = neutral(value);
        writeln!(self.0, "  {name:FIELD_WIDTH$}{value}").expect("writing to a string");
    }

    /// A line of its own.
    pub fn line(&mut self, line: &str) {
        self.0.push_str(&neutral(line));
        self.0.push('\n');
    }

    /// What was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_goes_in_is_neutralized() {
        let evil = "x\u{1b}[2J\u{202e}\n";
        let mut text = Text::new();
        text.headline(Tone::Plain, "W", evil);
        text.field("name", evil);
        text.line(evil);
        let lines: Vec<_> = text.as_str().lines().collect();
        assert_eq!(lines.len(), 3, "nobody adds a line: {lines:?}");
        for line in lines {
            assert!(line.contains("x\\x1b[2J\\u{202e}\\n"), "{line:?}");
            assert!(!line.contains("\u{1b}[2J"), "{line:?}");
        }
    }

    #[test]
    fn fields_are_aligned() {
        let mut text = Text::new();
        text.field("a", "1");
        text.field("organization", "2");
        assert_eq!(text.as_str(), "  a             1\n  organization  2\n");
    }
}
