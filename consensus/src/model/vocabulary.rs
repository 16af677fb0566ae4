//! What those who are not real can say at once: single letters, or words of several that come one
//! after the other.
//!
//! With single letters every order is explored, and only a few steps. With words two rounds are
//! explored to the end, in the orders that words allow.

use super::cast::{BLOCKS, Cast};
use super::node::Event;
use super::scope::{Scope, Vocabulary};
use crate::sign_record::SignStep;

const A: Option<usize> = Some(0);
const B: Option<usize> = Some(1);
const NIL: Option<usize> = None;

/// Everything that can be said.
pub(super) fn vocabulary(scope: &Scope, cast: &Cast) -> Vec<Vec<Event>> {
    match scope.vocabulary {
        Vocabulary::Letters => letters(scope, cast),
        Vocabulary::Words => words(scope, cast, WORDS),
        Vocabulary::Lock => words(scope, cast, LOCK),
    }
}

fn letters(scope: &Scope, cast: &Cast) -> Vec<Vec<Event>> {
    let others = (0..cast.letters.len()).filter(|l| cast.letters[*l].author >= scope.real);
    let letters = others.map(|letter| vec![Event::Letter(letter)]);
    letters.chain((0..BLOCKS).map(|block| vec![Event::Judged(block)])).collect()
}

/// Who says something: one honest validator, the other, or the faulty one.
#[derive(Clone, Copy)]
enum Who {
    One,
    Other,
    Faulty,
}

type Word = (SignStep, u32, &'static [(Who, Option<usize>)]);

const fn both(block: Option<usize>) -> &'static [(Who, Option<usize>)] {
    match block {
        Some(0) => &[(Who::One, A), (Who::Other, A)],
        Some(_) => &[(Who::One, B), (Who::Other, B)],
        None => &[(Who::One, NIL), (Who::Other, NIL)],
    }
}

/// The votes of two honest validators come together, alike or split; the faulty one adds a vote to
/// a quorum.
const WORDS: &[Word] = &[
    (SignStep::Prevote, 0, both(A)),
    (SignStep::Prevote, 0, both(NIL)),
    (SignStep::Prevote, 0, &[(Who::One, A), (Who::Other, NIL)]),
    (SignStep::Prevote, 0, &[(Who::Faulty, A)]),
    (SignStep::Precommit, 0, both(A)),
    (SignStep::Precommit, 0, both(NIL)),
    (SignStep::Precommit, 0, &[(Who::One, A), (Who::Other, NIL)]),
    (SignStep::Precommit, 0, &[(Who::Faulty, NIL)]),
    (SignStep::Prevote, 1, both(A)),
    (SignStep::Prevote, 1, both(B)),
    (SignStep::Prevote, 1, both(NIL)),
    (SignStep::Prevote, 1, &[(Who::Faulty, B)]),
    (SignStep::Precommit, 1, both(B)),
    (SignStep::Precommit, 1, both(NIL)),
];

const LOCK: &[Word] = &[(SignStep::Prevote, 0, both(A)), (SignStep::Precommit, 0, both(NIL))];

/// Words of votes, and every proposal together with its block.
fn words(scope: &Scope, cast: &Cast, votes: &[Word]) -> Vec<Vec<Event>> {
    let mut honest = (scope.real..cast.keys.len()).filter(|author| *author != scope.faulty);
    let (Some(one), Some(other)) = (honest.next(), honest.next()) else {
        unreachable!("words are those of two honest validators")
    };
    let author = |who| match who {
        Who::One => one,
        Who::Other => other,
        Who::Faulty => scope.faulty,
    };
    let vote = |step, round, (who, block): (Who, Option<usize>)| {
        let letter = cast.find(author(who), step, round, block);
        Event::Letter(letter.expect("every vote is a letter"))
    };
    let votes = votes.iter().map(|(step, round, word)| {
        word.iter().map(|said| vote(*step, *round, *said)).collect::<Vec<_>>()
    });
    let proposals = (0..cast.letters.len()).filter_map(|at| {
        let letter = &cast.letters[at];
        let is_proposal = letter.step == SignStep::Propose && letter.author >= scope.real;
        let block = letter.block.filter(|_| is_proposal)?;
        Some(vec![Event::Letter(at), Event::Judged(block)])
    });
    votes.chain(proposals).collect()
}
