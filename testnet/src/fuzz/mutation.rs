//! How inputs are altered: bits, numbers, lengths, pieces moved about, pieces of other inputs.

use crate::simulation::random::Random;

/// The most alterations of one input.
const ALTERATIONS_MAX: u64 = 6;
/// The longest piece that is removed, repeated or brought in, in bytes.
const PIECE_BYTES_MAX: usize = 256;
/// Numbers at which decoders change their mind.
const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    3,
    0x7f,
    0x80,
    0xff,
    0x100,
    0xffff,
    0x0001_0000,
    0x0010_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// Alters inputs.
pub struct Mutation<'a> {
    /// All chance.
    pub random: &'a mut Random,
    /// Bytes that mean something to the decoder.
    pub words: &'a [Vec<u8>],
    /// No input becomes longer, in bytes.
    pub bytes_max: usize,
}

impl Mutation<'_> {
    /// An altered copy; `other` is an input to take pieces from.
    pub fn of(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=self.random.below(ALTERATIONS_MAX) {
            self.alter(&mut bytes, other);
        }
        bytes.truncate(self.bytes_max);
        bytes
    }

    fn alter(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        if bytes.is_empty() {
            let piece = self.piece(other);
            bytes.extend_from_slice(&other[piece]);
            bytes.push(self.byte());
            return;
        }
        let at = self.random.index(bytes.len());
        match self.random.below(12) {
            0 | 1 => bytes[at] ^= 1 << self.random.below(8),
            2 => bytes[at] = self.byte(),
            3 => {
                bytes[at] =
                    bytes[at].wrapping_add_signed(if self.random.chance(500) { 1 } else { -1 })
            }
            4 => self.put_number(bytes, at),
            5 => self.shift_number(bytes, at),
            6 => {
                let piece = self.piece(bytes);
                bytes.drain(piece);
            }
            7 => {
                let piece = self.piece(bytes);
                let copy = bytes[piece].to_vec();
                bytes.splice(at..at, copy);
            }
            8 => {
                let piece = self.piece(other);
                let replaced = if self.random.chance(500) { piece.len() } else { 0 };
                let end = (at + replaced).min(bytes.len());
                bytes.splice(at..end, other[piece].iter().copied());
            }
            9 => bytes.truncate(at),
            10 => self.put_word(bytes, at),
            _ => {
                // The head of one and the tail of another.
                let from = self.random.index(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }

    fn byte(&mut self) -> u8 {
        self.random.draw().to_le_bytes()[0]
    }

    /// A piece of something, sometimes empty.
    fn piece(&mut self, of: &[u8]) -> std::ops::Range<usize> {
        let from = self.random.index(of.len() + 1);
        // Short pieces are more frequent than long ones.
        let longest = 1 << self.random.below(9);
        let length = self.random.index(longest.min(PIECE_BYTES_MAX) + 1);
        from..(from + length).min(of.len())
    }

    /// Writes a number of some width over what stands there.
    fn put_number(&mut self, bytes: &mut [u8], at: usize) {
        let number = match self.random.below(3) {
            0 => bytes.len() as u64,
            1 => self.random.below(300),
            _ => NUMBERS[self.random.index(NUMBERS.len())],
        };
        let width = 1 << self.random.below(4);
        let mut digits = number.to_le_bytes()[..width].to_vec();
        if self.random.chance(500) {
            digits.reverse();
        }
        for (place, digit) in bytes[at..].iter_mut().zip(digits) {
            *place = digit;
        }
    }

    /// Makes a count or a length a little larger or smaller: the first small number from here on.
    fn shift_number(&mut self, bytes: &mut [u8], from: usize) {
        let is_small = |window: &[u8]| window[0] != 0 && window[1..] == [0, 0, 0];
        let little = bytes[from..].windows(4).position(is_small).map(|at| from + at);
        if let Some(at) = little {
            bytes[at] = bytes[at].wrapping_add_signed(if self.random.chance(500) { 1 } else { -1 });
        }
    }

    fn put_word(&mut self, bytes: &mut Vec<u8>, at: usize) {
        if self.words.is_empty() {
            return;
        }
        let word = &self.words[self.random.index(self.words.len())];
        let replaced = if self.random.chance(500) { word.len() } else { 0 };
        let end = (at + replaced).min(bytes.len());
        bytes.splice(at..end, word.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_alters_an_input_always_the_same_way_and_within_the_bound() {
        let alter = |seed| {
            let mut random = Random::new(seed);
            let words = [b"word".to_vec()];
            let mut mutation = Mutation { random: &mut random, words: &words, bytes_max: 64 };
            (0..500).map(|_| mutation.of(&[7; 40], b"another")).collect::<Vec<_>>()
        };
        assert_eq!(alter(1), alter(1));
        assert_ne!(alter(1), alter(2));
        assert!(alter(3).iter().all(|bytes| bytes.len() <= 64));
    }
}
