//! From a node's messages to facts: nothing leaves here that is not proven against the pin.

use vouchsafe_proto::v1;
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::header::Header;
use vouchsafe_types::proof::{Proof, Shown, ShownSubject};
use vouchsafe_types::record::{AssetRecord, StateName};
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::VerifiedTransaction;
use vouchsafe_types::verifier::{ProvenHeader, Verifier, decode};

use crate::answer::{Lie, RecordFault};
use crate::fold::{Fold, Signers};

/// What some names hold under a proven header.
#[derive(Clone, Debug)]
pub struct ProvenState {
    /// The header.
    pub head: ProvenHeader,
    /// The records' bytes, or their proven absence, in the order of the names.
    pub records: Vec<Option<Vec<u8>>>,
}

/// The records of assets under a proven header.
#[derive(Clone, Debug)]
pub struct ProvenAssets {
    /// The header.
    pub head: ProvenHeader,
    /// The records, or their proven absence, in the order of the keys.
    pub records: Vec<Option<AssetRecord>>,
}

/// A transaction that stands in a block.
#[derive(Clone, Debug)]
pub struct ProvenTransaction {
    /// The transaction.
    pub transaction: VerifiedTransaction,
    /// The header of its block.
    pub head: ProvenHeader,
    /// Its index in the block.
    pub index: u64,
}

/// A proof file and what it shows.
#[derive(Clone, Debug)]
pub struct ProvenFile {
    /// The proof.
    pub proof: Proof,
    /// What it shows.
    pub shown: Shown,
}

/// Proves a header.
///
/// # Errors
/// [`Lie`].
pub fn head(verifier: &Verifier, head: Option<&v1::ProvenHeader>) -> Result<ProvenHeader, Lie> {
    let head = head.ok_or(Lie::Missing("head"))?;
    Ok(verifier.header(&head.header, &head.certificate)?)
}

/// Proves what names hold.
///
/// # Errors
/// [`Lie`].
pub fn state(
    verifier: &Verifier,
    names: &[StateName],
    answer: v1::GetStatusResponse,
) -> Result<ProvenState, Lie> {
    let head = head(verifier, answer.head.as_ref())?;
    let records: Vec<_> = answer.records.into_iter().map(|record| record.record).collect();
    head.state(names, &records, &answer.proof)?;
    Ok(ProvenState { head, records })
}

/// Proves the records of assets, and that each agrees with itself.
///
/// # Errors
/// [`Lie`].
pub fn assets(
    verifier: &Verifier,
    keys: &[AssetKey],
    answer: v1::GetStatusResponse,
) -> Result<ProvenAssets, Lie> {
    let names: Vec<_> = keys.iter().map(|key| StateName::Asset(*key)).collect();
    let ProvenState { head, records } = state(verifier, &names, answer)?;
    let records = records
        .iter()
        .map(|record| record.as_deref().map(|bytes| asset_record(head.header(), bytes)).transpose())
        .collect::<Result<_, Lie>>()?;
    Ok(ProvenAssets { head, records })
}

/// Reads a proven record and checks that it agrees with itself and its header.
fn asset_record(header: &Header, bytes: &[u8]) -> Result<AssetRecord, Lie> {
    let record: AssetRecord = decode("asset's record", bytes)?;
    check_record(header, &record)?;
    Ok(record)
}

/// The rules that every asset's record keeps.
///
/// # Errors
/// One [`RecordFault`] for each.
pub fn check_record(header: &Header, record: &AssetRecord) -> Result<(), RecordFault> {
    let entries = &record.organizations;
    if !entries.windows(2).all(|pair| pair[0].organization < pair[1].organization) {
        return Err(RecordFault::Order);
    }
    for entry in entries.iter() {
        if entry.status == Status::Unknown {
            return Err(RecordFault::Unknown);
        }
        let of_reason = entry.reason.map_or(Status::Trusted, Status::of_revocation);
        if of_reason != entry.status {
            return Err(RecordFault::Reason);
        }
        if entry.event_index >= record.events.count {
            return Err(RecordFault::EventIndex);
        }
        if entry.since_height > header.height || entry.since_time_ms > header.time_ms {
            return Err(RecordFault::Since);
        }
    }
    Ok(())
}

/// Checks a proof: each part against the pin, and the record against itself and its events.
///
/// # Errors
/// [`Lie`].
pub fn prove(
    verifier: &Verifier,
    proof: Proof,
    asked: Option<&AssetKey>,
) -> Result<ProvenFile, Lie> {
    let shown = proof.clone().verify(verifier)?;
    let shown = match asked {
        Some(asked) => shown.about(asked)?,
        None => shown,
    };
    if let ShownSubject::Asset { record: Some(record), events, .. } = &shown.subject {
        check_record(&shown.header, record)?;
        if let Some(events) = events {
            let mut fold = Fold::new(Signers::everyone());
            (0..).zip(events).for_each(|(index, event)| fold.apply(index, event));
            if !fold.agrees_with(record) {
                return Err(Lie::EventsDisagree);
            }
        }
    }
    Ok(ProvenFile { proof, shown })
}

/// Proves that the transaction with this id stands in a block: the receipt of bytes that are
/// already in hand, or of those that came with it.
///
/// # Errors
/// [`Lie`].
pub fn transaction(
    verifier: &Verifier,
    id: &TransactionId,
    bytes: &[u8],
    receipt: Option<&v1::Receipt>,
) -> Result<ProvenTransaction, Lie> {
    let receipt = receipt.ok_or(Lie::Missing("receipt"))?;
    if receipt.transaction_id != id.as_bytes() {
        return Err(Lie::OtherTransaction {
            expected: *id,
            actual: hex_of(&receipt.transaction_id),
        });
    }
    let head = head(verifier, receipt.head.as_ref())?;
    let (transaction, index) = head.transaction(bytes, &receipt.inclusion_proof)?;
    if transaction.id() != *id {
        let actual = transaction.id().to_string();
        return Err(Lie::OtherTransaction { expected: *id, actual });
    }
    Ok(ProvenTransaction { transaction, head, index })
}

/// At most 64 digits of an id that came from outside.
fn hex_of(bytes: &[u8]) -> String {
    hex::encode(&bytes[..bytes.len().min(32)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture as chain;
    use vouchsafe_types::canonical::Canonical as _;
    use vouchsafe_types::certificate::CertificateError;
    use vouchsafe_types::state_tree::StateProofError;
    use vouchsafe_types::verifier::ProofError;

    fn verifier() -> Verifier {
        crate::trust::Trust::new(chain::genesis("fixture")).verifier().clone()
    }

    fn key() -> AssetKey {
        chain::asset(b"x").key()
    }

    #[test]
    fn a_genuine_answer_proves_its_record() {
        let record = chain::trusted_record();
        let answer = chain::status_answer(key(), &record.to_bytes());
        let proven = assets(&verifier(), &[key()], answer).expect("genuine");
        assert_eq!(proven.records, [Some(record)]);
        assert_eq!(proven.head.header().height, 9);
    }

    #[test]
    fn an_altered_record_absence_or_header_is_a_lie() {
        let record = chain::trusted_record();
        let genuine = chain::status_answer(key(), &record.to_bytes());
        let mut altered = genuine.clone();
        let mut other = record.clone();
        other.events.count += 1;
        altered.records[0].record = Some(other.to_bytes());
        let value = assets(&verifier(), &[key()], altered).expect_err("altered");
        assert!(matches!(value, Lie::Proof(ProofError::State(StateProofError::Value(_)))));
        let mut absent = genuine.clone();
        absent.records[0].record = None;
        let value = assets(&verifier(), &[key()], absent).expect_err("hidden");
        assert!(matches!(value, Lie::Proof(ProofError::State(StateProofError::Present(_)))));
        let mut headless = genuine.clone();
        headless.head = None;
        assert_eq!(
            assets(&verifier(), &[key()], headless).expect_err("no head"),
            Lie::Missing("head")
        );
        let other_key = chain::asset(b"y").key();
        assert!(assets(&verifier(), &[other_key], genuine).is_err(), "another asset's proof");
    }

    #[test]
    fn a_proven_record_that_contradicts_itself_is_a_lie() {
        let header = chain::header(9, vouchsafe_types::hash::Digest::ZERO, &[]);
        let check = |change: fn(&mut AssetRecord)| {
            let mut record = chain::trusted_record();
            change(&mut record);
            check_record(&header, &record)
        };
        let with = |record: &mut AssetRecord, change: fn(&mut _)| {
            let mut entries = record.organizations.clone().into_inner();
            change(&mut entries);
            record.organizations =
                vouchsafe_types::record::OrganizationStatuses::new(entries).expect("few");
        };
        type Entries = Vec<vouchsafe_types::record::OrganizationStatus>;
        assert_eq!(check(|_| {}), Ok(()));
        let mut twice = chain::trusted_record();
        with(&mut twice, |entries: &mut Entries| entries.push(entries[0].clone()));
        assert_eq!(check_record(&header, &twice), Err(RecordFault::Order));
        let mut unknown = chain::trusted_record();
        with(&mut unknown, |entries: &mut Entries| entries[0].status = Status::Unknown);
        assert_eq!(check_record(&header, &unknown), Err(RecordFault::Unknown));
        let mut reason = chain::trusted_record();
        with(&mut reason, |entries: &mut Entries| entries[0].status = Status::Untrusted);
        assert_eq!(check_record(&header, &reason), Err(RecordFault::Reason));
        assert_eq!(check(|record| record.events.count = 0), Err(RecordFault::EventIndex));
        let mut since = chain::trusted_record();
        with(&mut since, |entries: &mut Entries| entries[0].since_height = 10);
        assert_eq!(check_record(&header, &since), Err(RecordFault::Since));
    }

    #[test]
    fn a_receipt_is_of_the_very_transaction() {
        let (mine, other) = (chain::signed(b"mine"), chain::signed(b"other"));
        let id = mine.id(&chain::chain_id());
        let prove = |bytes: &[u8], receipt: &v1::Receipt| {
            transaction(&verifier(), &id, bytes, Some(receipt))
        };
        let receipt = chain::receipt(&mine);
        assert!(prove(&mine.to_bytes(), &receipt).is_ok());
        let lie = prove(&mine.to_bytes(), &chain::receipt(&other)).expect_err("another's");
        assert!(matches!(lie, Lie::OtherTransaction { .. }));
        let mut renamed = chain::receipt(&other);
        renamed.transaction_id = id.as_bytes().to_vec();
        let lie = prove(&mine.to_bytes(), &renamed).expect_err("another's block");
        assert!(matches!(lie, Lie::Proof(ProofError::Inclusion(_))));
        let lie = prove(&other.to_bytes(), &renamed).expect_err("another's bytes");
        assert!(matches!(lie, Lie::OtherTransaction { .. }));
        assert_eq!(
            transaction(&verifier(), &id, &mine.to_bytes(), None).expect_err("none"),
            Lie::Missing("receipt")
        );
    }

    #[test]
    fn only_a_quorum_of_this_chains_validators_certifies() {
        let header = chain::header(9, vouchsafe_types::hash::Digest::ZERO, &[]);
        let prove = |signers: &[u8]| {
            let certified = chain::certified_by(&header, 0, signers);
            head(&verifier(), Some(&certified)).map(|_| ())
        };
        assert_eq!(prove(&[0, 1, 2, 3]), Ok(()));
        assert_eq!(prove(&[1, 2, 3]), Ok(()));
        let certificate = |result| match result {
            Err(Lie::Proof(ProofError::Certificate(error))) => error,
            other => panic!("{other:?}"),
        };
        let two = certificate(prove(&[2, 3]));
        assert_eq!(two, CertificateError::Power { power: 2, total_power: 4 });
        assert_eq!(certificate(prove(&[0, 1, 0])), CertificateError::Order);
        let stranger = certificate(prove(&[0, 1, 2, chain::VALIDATORS]));
        assert!(matches!(stranger, CertificateError::UnknownValidator(_)));
    }

    #[test]
    fn another_chains_answer_is_a_lie() {
        let other = crate::trust::Trust::new(chain::genesis("other"));
        let answer = chain::status_answer(key(), &chain::trusted_record().to_bytes());
        let lie = assets(other.verifier(), &[key()], answer).expect_err("another chain");
        assert!(matches!(lie, Lie::Proof(ProofError::Chain { .. })));
    }
}
