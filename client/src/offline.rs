//! The question without a node: what does a proof file show, under the pinned genesis document
//! alone?

use std::path::Path;

use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::proof::{Shown, ShownSubject};

use crate::judgment::{Checked, ProvenAt, Reliance, judge};
use crate::moment::Moment;
use crate::proof_file::{self, ProofFileFailure};
use crate::proven::{ProvenFile, prove};
use crate::trust::Trust;

/// How an answer from proof files is judged.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// What proofs are checked against.
    pub trust: &'a Trust,
    /// Whom the caller relies on.
    pub reliance: &'a Reliance,
    /// The moment that is asked about, if it is not the proof's own.
    pub moment: Option<Moment>,
    /// The greatest age of a proof, in milliseconds, if it matters.
    pub age_max_ms: Option<u64>,
    /// A proof may be so far ahead of this machine's clock, in milliseconds.
    pub ahead_max_ms: u64,
}

/// Where the subject of a proof stands.
#[must_use]
pub fn stands_at(shown: &Shown) -> ProvenAt {
    let (height, time_ms) = (shown.header.height, shown.header.time_ms);
    ProvenAt { height, time_ms, block_id: shown.block_id }
}

/// Judges what a proof shows of an asset.
///
/// # Errors
/// [`ProofFileFailure`] when the proof shows too little for the question.
pub fn checked(
    label: &str,
    shown: &Shown,
    reliance: &Reliance,
    moment: Option<Moment>,
) -> Result<Checked, ProofFileFailure> {
    let ShownSubject::Asset { record, events, .. } = &shown.subject else {
        return Err(ProofFileFailure::NoStatus(label.to_owned()));
    };
    let at = stands_at(shown);
    if let Some(moment) = moment.filter(|moment| !moment.is_within(&at)) {
        let ProvenAt { height, time_ms, .. } = at;
        return Err(ProofFileFailure::NotYet { height, time_ms, moment });
    }
    let whole = moment.unwrap_or(Moment::Height(at.height));
    if moment.is_none() && !reliance.signers.is_restricted() {
        let counted = record.as_ref().map_or(Vec::new(), |record| record.organizations.to_vec());
        return Ok(judge(&reliance.policy, record.clone(), counted, at));
    }
    // Without a record there are no events, whether or not the proof says so.
    let none = record.is_none().then_some(&[][..]);
    let events = events.as_deref().or(none);
    let events = events.ok_or_else(|| ProofFileFailure::NoEvents(label.to_owned()))?;
    let counted = whole.fold(events, reliance.signers.clone()).organizations();
    Ok(judge(&reliance.policy, whole.record(events), counted, at))
}

/// Checks the proof file of an asset and judges what it shows, now.
///
/// # Errors
/// [`ProofFileFailure`].
pub fn check(
    terms: &Terms<'_>,
    path: &Path,
    key: &AssetKey,
    now_ms: u64,
) -> Result<(Checked, ProvenFile), ProofFileFailure> {
    let label = path.display().to_string();
    let proof = proof_file::read(path)?;
    let proven = prove(terms.trust.verifier(), proof, Some(key));
    let proven = proven.map_err(|lie| ProofFileFailure::Lie { path: label.clone(), lie })?;
    check_age(terms, &label, &stands_at(&proven.shown), now_ms)?;
    let checked = checked(&label, &proven.shown, terms.reliance, terms.moment)?;
    Ok((checked, proven))
}

fn check_age(
    terms: &Terms<'_>,
    label: &str,
    at: &ProvenAt,
    now_ms: u64,
) -> Result<(), ProofFileFailure> {
    let Some(age_max_ms) = terms.age_max_ms else { return Ok(()) };
    let (path, ProvenAt { height, time_ms, .. }) = (label.to_owned(), at);
    let ahead_ms = time_ms.saturating_sub(now_ms);
    if ahead_ms > terms.ahead_max_ms.min(age_max_ms) {
        return Err(ProofFileFailure::Future { path, time_ms: *time_ms, ahead_ms });
    }
    let age_ms = now_ms.saturating_sub(*time_ms);
    if age_ms > age_max_ms {
        return Err(ProofFileFailure::TooOld { path, height: *height, age_ms, age_max_ms });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::BlockId;

    #[test]
    fn a_proof_from_the_future_has_no_age() {
        let trust = Trust::new(crate::chain_fixture::genesis("fixture"));
        let reliance = Reliance::default();
        let terms = |age_max_ms| Terms {
            trust: &trust,
            reliance: &reliance,
            moment: None,
            age_max_ms,
            ahead_max_ms: 10_000,
        };
        let at = ProvenAt { height: 7, time_ms: 1_000_000, block_id: BlockId::default() };
        let check = |age_max_ms, now_ms| check_age(&terms(age_max_ms), "f", &at, now_ms);
        assert!(check(None, 0).is_ok(), "nobody asked for its age");
        assert!(check(Some(60_000), 990_000).is_ok());
        let future = |result| matches!(result, Err(ProofFileFailure::Future { .. }));
        assert!(future(check(Some(60_000), 989_999)));
        assert!(future(check(Some(1_000), 998_000)), "the clock is too wrong for such an age");
        assert!(check(Some(60_000), 1_060_000).is_ok());
        let old = check(Some(60_000), 1_060_001);
        assert!(matches!(old, Err(ProofFileFailure::TooOld { age_ms: 60_001, .. })));
    }
}
