//! Exit codes: what a script learns from `vouch` without reading a word.
//!
//! Several inputs give one code, the worst of theirs. *Could not check* is neither trust nor
//! distrust: it stands below a proven UNTRUSTED, which is certain, and above everything else.

/// What `vouch` exits with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `verify` and `inspect`: TRUSTED, under the policy given.
    Success = 0,
    /// A fault of this program or of this machine (a full disk, an output that cannot be written).
    Internal = 1,
    /// The command line, an input, a key or the home is at fault, or the ledger's rules refuse
    /// what was asked.
    Usage = 2,
    /// Nobody who counts has spoken of it.
    Unknown = 10,
    /// Somebody who counts says that it does harm.
    Untrusted = 11,
    /// Those who count no longer support it.
    Unsupported = 12,
    /// TRUSTED, but not by as many organizations as were required.
    PolicyNotMet = 13,
    /// An answer contradicts its own proof: a node lies, or is broken.
    ProofInvalid = 20,
    /// No proof could be had that is recent enough: nothing is known.
    CouldNotCheck = 21,
}

impl Exit {
    /// Every code, the worst first: the order in which several inputs' codes win.
    pub const WORST_FIRST: [Self; 9] = [
        Self::Internal,
        Self::ProofInvalid,
        Self::Untrusted,
        Self::CouldNotCheck,
        Self::Usage,
        Self::Unknown,
        Self::Unsupported,
        Self::PolicyNotMet,
        Self::Success,
    ];

    /// The number that the process exits with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The code's name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Unknown => "unknown",
            Self::Untrusted => "untrusted",
            Self::Unsupported => "unsupported",
            Self::PolicyNotMet => "policy-not-met",
            Self::ProofInvalid => "proof-invalid",
            Self::CouldNotCheck => "could-not-check",
        }
    }

    fn rank(self) -> usize {
        Self::WORST_FIRST
            .iter()
            .position(|exit| *exit == self)
            .expect("a test holds that every code stands in the order")
    }

    /// The worse of two.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }

    /// The worst of many; success when there are none.
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        exits.into_iter().fold(Self::Success, Self::worse)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{
        CouldNotCheck, Internal, PolicyNotMet, ProofInvalid, Success, Unknown, Unsupported,
        Untrusted, Usage,
    };
    use super::*;

    #[test]
    fn codes_are_the_documented_numbers_and_only_success_is_zero() {
        let codes = [
            (Success, 0),
            (Internal, 1),
            (Usage, 2),
            (Unknown, 10),
            (Untrusted, 11),
            (Unsupported, 12),
            (PolicyNotMet, 13),
            (ProofInvalid, 20),
            (CouldNotCheck, 21),
        ];
        assert_eq!(codes.len(), Exit::WORST_FIRST.len());
        for (exit, code) in codes {
            assert_eq!(exit.code(), code);
            assert!(Exit::WORST_FIRST.contains(&exit), "{exit:?}");
        }
    }

    #[test]
    fn the_worst_code_of_several_inputs_wins() {
        assert_eq!(Exit::worst([]), Success);
        assert_eq!(Exit::worst([Success, PolicyNotMet, Unsupported]), Unsupported);
        assert_eq!(Exit::worst([Unknown, Unsupported]), Unknown);
        assert_eq!(Exit::worst([CouldNotCheck, Untrusted, Unknown]), Untrusted);
        assert_eq!(Exit::worst([Untrusted, ProofInvalid]), ProofInvalid);
        assert_eq!(Exit::worst([Success, CouldNotCheck]), CouldNotCheck);
        for exit in Exit::WORST_FIRST {
            assert_eq!(exit.worse(Success), exit, "nothing is lost beside a success");
            assert_eq!(Success.worse(exit), exit);
        }
    }
}
