//! JSON in the order in which it is written: fields stand in the order of their encoding.

use std::fmt::Write as _;

use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::Digest;

/// A JSON value.
#[derive(Clone)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// An object from names and values.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        crate::json::Json::Object(vec![$(($name.to_owned(), crate::json::Json::from($value))),*])
    };
}
pub(crate) use object;

/// 64-bit numbers are decimal strings, as in a genesis document.
pub(crate) fn decimal(number: u64) -> Json {
    Json::Text(number.to_string())
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> Json {
    Json::Text(hex::encode(bytes))
}

/// A value's canonical bytes, which read back as that value.
pub(crate) fn encoding<T: Canonical + PartialEq + std::fmt::Debug>(value: &T) -> Json {
    let bytes = value.to_bytes();
    assert_eq!(T::from_bytes(&bytes).as_ref(), Ok(value));
    hex(bytes)
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Digest> for Json {
    fn from(digest: Digest) -> Self {
        Self::Text(digest.to_string())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Json {
    /// Indented text with a newline at its end.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text.push('\n');
        text
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => write!(out, "{value}").expect("memory"),
            Self::Number(number) => write!(out, "{number}").expect("memory"),
            Self::Text(text) => quote(out, text),
            Self::List(items) => {
                lines(out, depth, ['[', ']'], items, |out, item| item.write(out, depth + 1));
            }
            Self::Object(fields) => lines(out, depth, ['{', '}'], fields, |out, (name, value)| {
                quote(out, name);
                out.push_str(": ");
                value.write(out, depth + 1);
            }),
        }
    }
}

fn lines<T>(
    out: &mut String,
    depth: usize,
    brackets: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    out.push(brackets[0]);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        write(out, item);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(brackets[1]);
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c)).expect("memory"),
            c => out.push(c),
        }
    }
    out.push('"');
}
