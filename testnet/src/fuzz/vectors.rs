//! The frozen vectors as seeds: every byte string that stands in them.

use serde_json::Value;

/// The files of `vectors/`.
const FILES: [&str; 10] = [
    include_str!("../../../vectors/blocks.json"),
    include_str!("../../../vectors/genesis.json"),
    include_str!("../../../vectors/invalid.json"),
    include_str!("../../../vectors/logs.json"),
    include_str!("../../../vectors/records.json"),
    include_str!("../../../vectors/signatures.json"),
    include_str!("../../../vectors/state_trees.json"),
    include_str!("../../../vectors/tags.json"),
    include_str!("../../../vectors/transactions.json"),
    include_str!("../../../vectors/votes.json"),
];

/// Every text in the vectors that is hexadecimal, as bytes.
#[must_use]
pub fn byte_strings() -> Vec<Vec<u8>> {
    texts()
        .iter()
        .filter_map(|text| hex::decode(text).ok())
        .filter(|bytes| !bytes.is_empty())
        .collect()
}

/// Every text in the vectors.
#[must_use]
pub fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for file in FILES {
        let value = serde_json::from_str(file).expect("the vectors are JSON");
        collect(&value, &mut texts);
    }
    texts.sort();
    texts.dedup();
    texts
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_hold_byte_strings_and_texts() {
        assert!(byte_strings().len() > 100 && texts().len() > byte_strings().len());
    }
}
