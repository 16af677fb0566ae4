//! What happened in a run: a hash that two runs of a seed share, and, when asked for, lines that
//! people can read.

use std::collections::VecDeque;
use std::fmt::Arguments;

/// The most lines that are kept: the newest.
const LINES_MAX: usize = 4_000;

/// The record of a run.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: Option<VecDeque<String>>,
}

impl Trace {
    /// A new record, with lines or without.
    #[must_use]
    pub fn new(with_lines: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, lines: with_lines.then(VecDeque::new) }
    }

    /// Notes what happened to a node: numbers for the hash, words for people.
    pub fn note(&mut self, now_ms: u64, node: usize, numbers: &[u64], words: Arguments<'_>) {
        for number in [now_ms, node as u64].iter().chain(numbers) {
            for byte in number.to_le_bytes() {
                // FNV-1a: it tells runs apart, it protects nothing.
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        if let Some(lines) = &mut self.lines {
            if lines.len() == LINES_MAX {
                lines.pop_front();
            }
            lines.push_back(format!("{:>10} ms  node {node}  {words}", now_ms));
        }
    }

    /// The hash of all that happened.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The newest lines, oldest first.
    pub fn into_lines(self) -> impl Iterator<Item = String> {
        self.lines.unwrap_or_default().into_iter()
    }
}
