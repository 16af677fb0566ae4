//! Names, attributes, paths and other people's messages, made harmless for a terminal.
//!
//! A display name is whatever its signer wrote: it may hold escape sequences that repaint the
//! screen, bidirectional overrides that reverse what is read, or characters that cannot be seen.
//! Text shows each of them as an escape; JSON carries the same string, with the same characters
//! written as `\uXXXX`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Is this a character that steers a terminal, reorders text, or cannot be seen?
#[must_use]
pub fn is_hazardous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'                    // soft hyphen
            | '\u{34f}'                 // combining grapheme joiner
            | '\u{61c}'                 // Arabic letter mark
            | '\u{115f}'..='\u{1160}'   // Hangul fillers
            | '\u{17b4}'..='\u{17b5}'   // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'   // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}'   // zero-width characters, directional marks
            | '\u{2028}'..='\u{202e}'   // line and paragraph separators, bidirectional overrides
            | '\u{2060}'..='\u{206f}'   // invisible operators, bidirectional isolates
            | '\u{3164}'                // Hangul filler
            | '\u{fe00}'..='\u{fe0f}'   // variation selectors
            | '\u{feff}'                // byte-order mark
            | '\u{ffa0}'                // half-width Hangul filler
            | '\u{fff0}'..='\u{fffb}'   // interlinear annotation
            | '\u{e0000}'..='\u{e0fff}' // tags, supplementary variation selectors
        )
}

/// The text with every hazardous character, and the backslash, as an escape: `\x1b`, `\u{202e}`,
/// `\n`, `\\`. Two different texts never look alike.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| character == '\\' || is_hazardous(character)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\\' => safe.push_str("\\\\"),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            other if is_hazardous(other) => {
                let number = u32::from(other);
                let written = if number <= 0xff {
                    write!(safe, "\\x{number:02x}")
                } else {
                    write!(safe, "\\u{{{number:x}}}")
                };
                written.expect("writing to a string cannot fail");
            }
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// The beginning of somebody else's message: no node may fill the screen.
#[must_use]
pub fn bounded(text: &str, characters_max: usize) -> String {
    let mut kept: String = text.chars().take(characters_max).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_in_names_are_neutralized() {
        assert_eq!(neutral("\u{1b}[31mred\u{7}"), "\\x1b[31mred\\x07");
        assert_eq!(neutral("\u{9b}31m"), "\\x9b31m");
        assert_eq!(neutral("a\r\nb\tc\u{7f}"), "a\\r\\nb\\tc\\x7f");
    }

    #[test]
    fn text_that_reorders_or_hides_is_neutralized() {
        assert_eq!(neutral("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(neutral("a\u{200b}b\u{2066}c\u{feff}"), "a\\u{200b}b\\u{2066}c\\u{feff}");
        assert_eq!(neutral("x\u{e0041}"), "x\\u{e0041}");
    }

    #[test]
    fn an_escape_written_out_does_not_look_like_the_character() {
        assert_ne!(neutral("\\x1b"), neutral("\u{1b}"));
        assert_eq!(neutral("\\x1b"), "\\\\x1b");
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        for text in ["report.pdf", "Überweisung.txt", "契約書.pdf", "a b'c\"d", "🦀"] {
            assert_eq!(neutral(text), text);
        }
    }

    #[test]
    fn a_long_message_is_cut_and_says_so() {
        assert_eq!(bounded("abcdef", 3), "abc…");
        assert_eq!(bounded("äöü", 3), "äöü");
    }
}
