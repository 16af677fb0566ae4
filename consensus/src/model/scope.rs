//! What a run of the checker explores, and what is made wrong on purpose.

/// What is explored.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The validators' powers.
    pub(super) powers: Vec<u64>,
    /// The first so many are real: engines, logs and records. The others say anything.
    pub(super) real: usize,
    /// Of those that say anything, the one that also contradicts itself.
    pub(super) faulty: usize,
    /// Who proposes in rounds 0 and 1.
    pub(super) proposers: [usize; 2],
    /// What those who are not real can say at once.
    pub(super) vocabulary: Vocabulary,
    /// Messages come before the start of the height too.
    pub(super) early: bool,
    /// Power cuts on one path.
    pub(super) crashes: u8,
    /// Of these, how many also take the log back to an older one, or to none.
    pub(super) losses: u8,
    /// Others offer a proof that block A was decided in round 0.
    pub(super) certificate: bool,
    /// A message that leaves before it is durable is a fault in itself, and ends the path.
    pub(super) durability: bool,
    /// What the driver does wrong.
    pub(super) weakness: Weakness,
}

/// Single letters, or several at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// Every vote and proposal by itself.
    Letters,
    /// Votes of two together, proposals with their blocks.
    Words,
    /// Of the words, those that lock a validator on block A and tempt it to block B.
    Lock,
}

/// A fault of the driver, to see whether the checker notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Weakness {
    /// It does everything right.
    #[default]
    None,
    /// Messages leave before anything is written.
    LeavesFirst,
    /// The log is never flushed.
    FlushLies,
    /// The sign record is never written.
    RecordSkipped,
    /// A power cut takes both files whole.
    BothLost,
    /// The log is not replayed, and the record is not read.
    Forgets,
    /// Of the log only this validator's own messages are replayed.
    ReplaysOwn,
}

impl Scope {
    /// One real validator of four equals, told anything in any order.
    pub(super) fn letters() -> Self {
        Self {
            powers: vec![1; 4],
            real: 1,
            faulty: 3,
            proposers: [3, 1],
            vocabulary: Vocabulary::Letters,
            early: false,
            crashes: 1,
            losses: 0,
            certificate: false,
            durability: true,
            weakness: Weakness::None,
        }
    }

    /// One real validator of four equals, told words.
    pub(super) fn words() -> Self {
        Self { vocabulary: Vocabulary::Words, ..Self::letters() }
    }

    /// One real validator of four equals that is locked and tempted.
    pub(super) fn lock() -> Self {
        Self { vocabulary: Vocabulary::Lock, ..Self::letters() }
    }

    /// The same, with something made wrong.
    pub(super) fn weak(weakness: Weakness) -> Self {
        Self { durability: false, weakness, ..Self::lock() }
    }

    /// Three real validators of four equals, without power cuts.
    pub(super) fn engines() -> Self {
        Self { real: 3, crashes: 0, ..Self::letters() }
    }
}
