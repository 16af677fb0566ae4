//! The examples in `docs/PROTOCOL.md` come from the vectors.

use std::fs;

use crate::folder;

#[test]
fn every_long_hexadecimal_number_in_the_protocol_stands_in_a_vector() {
    let prose = fs::read_to_string(folder().join("../docs/PROTOCOL.md")).expect("the protocol");
    let mut vectors = String::new();
    for entry in fs::read_dir(folder()).expect("the vectors") {
        let path = entry.expect("readable").path();
        vectors.push_str(&fs::read_to_string(path).expect("text"));
    }
    let digits = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let examples: Vec<_> =
        prose.split(|c: char| !digits(c)).filter(|word| word.len() >= 24).collect();
    assert!(examples.len() >= 20, "the protocol shows {} examples", examples.len());
    for example in examples {
        assert!(vectors.contains(example), "{example} stands in no vector");
    }
}
