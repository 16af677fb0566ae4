//! 64-bit integers as decimal strings: JSON's numbers are doubles (RFC 8785 §3.2.2.3), which
//! hold only 53 bits exactly.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// How the reader's message for a wrong form begins; [`crate::DocumentError`] is told apart by it.
pub(crate) const MESSAGE: &str = "not a 64-bit integer as a decimal string";

pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Decimal)
}

/// The same for a field that may be absent (`null` is not absence).
pub(crate) mod optional {
    use serde::{Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde's `with` passes fields by reference")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

struct Decimal;

impl Visitor<'_> for Decimal {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a 64-bit integer as a decimal string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        // `parse` also takes "+5" and "05", which would be second forms of one number.
        match text.parse::<u64>() {
            Ok(value) if value.to_string() == text => Ok(value),
            _ => Err(E::custom(format!(
                "{MESSAGE}: {:?}",
                text.chars().take(32).collect::<String>()
            ))),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        Err(E::custom(format!("{MESSAGE}: the number {value}")))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
        Err(E::custom(format!("{MESSAGE}: the number {value}")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
        Err(E::custom(format!("{MESSAGE}: the number {value}")))
    }
}
