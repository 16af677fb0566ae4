//! What is fetched to catch up: a window of heights after the head, in runs that are asked of
//! several peers at once, and the blocks that wait until it is their turn.
//!
//! ```text
//! head │ ready ready │ asked of A … │ ready │ asked of B … │ not planned │ … window's end
//!      └▶ checked, executed and stored one after the other
//! ```

use std::collections::BTreeMap;

use vouchsafe_types::canonical::Canonical as _;

use crate::event::PeerNumber;
use crate::peer::CertifiedBlock;

/// How many heights one request is for.
pub(crate) const RUN_HEIGHTS: u32 = 32;
/// How far beyond the head blocks are fetched, in heights.
pub(crate) const WINDOW_HEIGHTS: u64 = 256;
/// The most bytes of blocks that wait for their turn. Requests that are open may add theirs.
pub(crate) const READY_BYTES_MAX: usize = 64 << 20;
/// The most runs that are asked for at one time.
pub(crate) const RUNS_MAX: usize = 4;

/// A block that waits, and who sent it.
struct Ready {
    from: PeerNumber,
    bytes: usize,
    block: Box<CertifiedBlock>,
}

/// Blocks that were fetched and wait for their turn.
#[derive(Default)]
pub(crate) struct CatchUp {
    ready: BTreeMap<u64, Ready>,
    ready_bytes: usize,
    /// The height to reach, while this node is behind.
    pub(crate) target: Option<u64>,
    /// At the last survey somebody had a height already that is not here yet.
    pub(crate) lags: bool,
}

impl CatchUp {
    pub(crate) fn ready_bytes(&self) -> usize {
        self.ready_bytes
    }

    /// Keeps a block until it is its turn, unless there is one of its height.
    pub(crate) fn keep(&mut self, from: PeerNumber, block: CertifiedBlock) {
        let height = block.block.header.height;
        if self.ready.contains_key(&height) {
            return;
        }
        let bytes = block.block.to_bytes().len();
        self.ready_bytes += bytes;
        self.ready.insert(height, Ready { from, bytes, block: Box::new(block) });
    }

    /// Takes out the block of this height, and forgets all before.
    pub(crate) fn take(&mut self, height: u64) -> Option<(PeerNumber, Box<CertifiedBlock>)> {
        while let Some(entry) = self.ready.first_entry().filter(|entry| *entry.key() < height) {
            self.ready_bytes -= entry.remove().bytes;
        }
        let ready = self.ready.remove(&height)?;
        self.ready_bytes -= ready.bytes;
        Some((ready.from, ready.block))
    }

    /// Is the block of this height here?
    pub(crate) fn has(&self, height: u64) -> bool {
        self.ready.contains_key(&height)
    }

    /// Forgets what a peer sent: it lied once.
    pub(crate) fn forget(&mut self, from: PeerNumber) {
        self.ready.retain(|_, ready| ready.from != from);
        self.ready_bytes = self.ready.values().map(|ready| ready.bytes).sum();
    }

    /// The runs of heights beyond the head that are neither here nor asked for, at most so many.
    /// `asked` are the runs that are open, as first height and count.
    pub(crate) fn missing(
        &self,
        head: u64,
        best: u64,
        asked: &[(u64, u32)],
        runs_max: usize,
    ) -> Vec<(u64, u32)> {
        let mut runs: Vec<(u64, u32)> = Vec::new();
        if self.ready_bytes >= READY_BYTES_MAX {
            return runs;
        }
        let covered = |height: u64| {
            self.has(height)
                || asked
                    .iter()
                    .any(|(from, count)| (*from..from + u64::from(*count)).contains(&height))
        };
        for height in head + 1..=best.min(head + WINDOW_HEIGHTS) {
            if covered(height) {
                continue;
            }
            if let Some((from, count)) = runs.last_mut()
                && *from + u64::from(*count) == height
                && *count < RUN_HEIGHTS
            {
                *count += 1;
            } else if runs.len() == runs_max {
                break;
            } else {
                runs.push((height, 1));
            }
        }
        runs
    }
}
