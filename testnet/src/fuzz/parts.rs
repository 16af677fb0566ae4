//! An input that is several byte strings: each with its length before it. Whatever the bytes,
//! there is some way to read them, so that mutation may do anything.

/// Bytes of a length.
const LENGTH_BYTES: usize = 4;

/// One input of several parts.
#[must_use]
pub fn join<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    let mut input = Vec::new();
    for part in parts {
        let length = u32::try_from(part.as_ref().len()).expect("inputs are short");
        input.extend_from_slice(&length.to_le_bytes());
        input.extend_from_slice(part.as_ref());
    }
    input
}

/// The parts of an input; the last may be shorter than its length says.
#[must_use]
pub fn split(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH_BYTES>() {
        let length = (u32::from_le_bytes(*length) as usize).min(after.len());
        let (part, after) = after.split_at(length);
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_joined_is_split_and_anything_is_read() {
        let parts = [&b"one"[..], b"", b"three"];
        assert_eq!(split(&join(&parts)), parts);
        assert_eq!(split(&[255, 255, 255, 255, 1]), [[1].as_slice()]);
        assert!(split(&[1, 0, 0]).is_empty());
    }
}
