//! What is fuzzed: a decoder, and what must hold for whatever it reads.

/// What a decoder made of some bytes, when all that must hold held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It read them. The words say what they are.
    Read(String),
    /// It refused them. The words say why.
    Refused(String),
}

/// The answer, or what should hold and does not.
pub type Verdict = Result<Answer, String>;

/// Decodes some bytes and checks the property.
pub type Check = Box<dyn FnMut(&[u8]) -> Verdict>;

/// A target that is ready to be run.
pub struct Prepared {
    /// What mutation begins with.
    pub seeds: Vec<Vec<u8>>,
    /// Bytes that mean something to the decoder, to be strewn in.
    pub words: Vec<Vec<u8>>,
    /// Decodes some bytes and checks the property.
    pub check: Check,
}

/// A decoder with its property.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// What must hold for every input, beside that nothing panics.
    pub property: &'static str,
    /// How many inputs the everyday suite gives it.
    pub everyday_inputs: u64,
    /// Makes it ready.
    pub prepare: fn() -> Prepared,
}

impl Answer {
    /// The kind of answer: its words without numbers and names, which differ with every input.
    #[must_use]
    pub fn kind(&self) -> String {
        let (read, text) = match self {
            Self::Read(text) => ("read", text),
            Self::Refused(text) => ("refused", text),
        };
        // What stands in quotation marks is the input's own.
        let bare: String = text.replace("\\\"", "").split('"').step_by(2).collect();
        let words = bare.split(|character: char| !character.is_ascii_alphabetic());
        let mut kind = read.to_owned();
        let mut last = "";
        for word in words.filter(|word| word.len() > 1 && !is_hexadecimal(word)) {
            if word != last && kind.len() < 256 {
                kind.push(' ');
                kind.push_str(word);
            }
            last = word;
        }
        kind
    }
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The property as a verdict: what does not hold is named.
///
/// # Errors
/// The name, when it does not hold.
pub fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_differ_in_data_alone_are_of_one_kind() {
        let refused = |text: &str| Answer::Refused(text.to_owned()).kind();
        assert_eq!(
            refused("block 0a0b of height 7 is late"),
            refused("block ffee of height 81 is late")
        );
        assert_eq!(refused("no name: \"one\""), refused("no name: \"o\\\"ther\""));
        assert_ne!(refused("the list ends"), refused("the text ends"));
        assert_ne!(refused("the list"), Answer::Read("the list".to_owned()).kind());
    }
}
