//! What passed a check lately, so that the check is not made again: each has one place, by its first
//! bytes, and the newest keeps it.

/// 32 bytes each: keys, or hashes.
#[derive(Debug)]
pub(crate) struct Recent {
    pub(crate) places: Vec<Option<[u8; 32]>>,
}

impl Recent {
    /// Nothing, with so many places: a power of two.
    pub(crate) fn new(places: usize) -> Self {
        Self { places: vec![None; places] }
    }

    fn place(&self, bytes: &[u8; 32]) -> usize {
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize % self.places.len()
    }

    /// Did these pass lately?
    pub(crate) fn holds(&self, bytes: &[u8; 32]) -> bool {
        self.places[self.place(bytes)].as_ref() == Some(bytes)
    }

    /// These passed.
    pub(crate) fn keep(&mut self, bytes: [u8; 32]) {
        let place = self.place(&bytes);
        self.places[place] = Some(bytes);
    }
}
