//! How a virtual disk loses what was not synced: wholly, or behind a point, or in any of its pages.

use vouchsafe_consensus::memory_file::{MemoryFile, PAGE_BYTES};

use super::random::Random;

/// The power goes. What was synced stays; of the rest, nothing, all, all before some byte, or some
/// pages.
pub fn lose_power(file: &MemoryFile, random: &mut Random) {
    let written = file.content().len();
    match random.below(4) {
        0 => file.lose_power(0),
        1 => file.lose_power(written),
        2 => file.lose_power(random.index(written + 1)),
        _ => {
            let lengths = file.possible_lengths();
            let length = lengths[random.index(lengths.len())];
            let survivors: Vec<_> =
                (0..length.div_ceil(PAGE_BYTES)).map(|_| random.chance(500)).collect();
            file.lose_pages(length, |page| survivors[page])
        }
    };
}
