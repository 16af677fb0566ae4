//! Proof files, made from what is committed: everything that leads from the genesis document to
//! one answer.

use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::header::Header;
use vouchsafe_types::log::{InclusionProof, leaf_hash};
use vouchsafe_types::proof::{
    AssetSubject, Magic, Older, PROOF_BYTES_MAX, PROOF_EVENTS_MAX, Proof, ProofEvents,
    ReceiptSubject, Subject,
};
use vouchsafe_types::record::{AssetRecord, StateName};
use vouchsafe_types::set_change::{SET_CHANGES_MAX, SetChange, SetChanges};
use vouchsafe_types::validator_set::ValidatorSet;

use crate::block_log::BlockLog;
use crate::head::part;
use crate::read::block_at;
use crate::reader::{Answer, ReadError, Reader};
use crate::roots::encoded_bytes;
use crate::store::{StoreError, StoreRead};

impl<S: StoreRead> Reader<S> {
    /// The proof of what the newest block says of an asset, with all of its events if wished.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn asset_proof(&self, key: AssetKey, with_events: bool) -> Result<Proof, ReadError> {
        let name = StateName::Asset(key);
        let (answer, events) = if with_events {
            let history = self.history(&name, 0, PROOF_EVENTS_MAX)?;
            if history.count > PROOF_EVENTS_MAX as u64 {
                return Err(ReadError::TooManyEvents { count: history.count });
            }
            (history.answer, Some(history.entries))
        } else {
            (self.status(&[name])?, None)
        };
        let Answer { height, header, certificate, mut records, proof } = answer;
        let event = |bytes: Vec<u8>| part("event", height, Some(bytes));
        let events = events
            .map(|entries| entries.into_iter().map(event).collect::<Result<Vec<_>, _>>())
            .transpose()?
            .map(|events| ProofEvents::new(events).expect("no more than were asked for"));
        let record = records.pop().flatten();
        let record = record.map(|bytes| part::<AssetRecord>("record", height, Some(bytes)));
        let subject = Subject::Asset(AssetSubject {
            key,
            record: record.transpose()?,
            state_proof: proof,
            events,
        });
        let header = part("header", height, Some(header.to_vec()))?;
        let certificate = part("certificate", height, Some(certificate.to_vec()))?;
        self.proof(header, certificate, None, subject)
    }

    /// The proof that a transaction stands in its block; none if it stands in none. The block shows
    /// its own certificate, or with the log of all blocks it hangs from the newest header.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn receipt_proof(
        &self,
        id: &TransactionId,
        from_newest: Option<&BlockLog>,
    ) -> Result<Option<Proof>, ReadError> {
        let store = self.store();
        let Some(at) = store.locate(id)? else { return Ok(None) };
        let (height, index) = (at.height, at.index as usize);
        let corrupt = || StoreError::Corrupt(format!("transaction {id} is not in block {height}"));
        let block = block_at(store, height)?.ok_or_else(corrupt)?;
        let transaction = block.transactions.get(index).cloned().ok_or_else(corrupt)?;
        let leaves: Vec<_> =
            block.transactions.iter().map(|one| leaf_hash(&one.to_bytes())).collect();
        let inclusion = InclusionProof::of(&leaves, index);
        let subject = Subject::Receipt(ReceiptSubject { transaction, inclusion });
        let newest = self.view().height;
        if let Some(log) = from_newest.filter(|_| height < newest) {
            return self.hung_from(newest, log, block.header, subject).map(Some);
        }
        let certificate = part("certificate", height, store.certificate(height)?)?;
        self.proof(block.header, certificate, None, subject).map(Some)
    }

    /// The proof of something in an older block, from a newer one's header.
    fn hung_from(
        &self,
        newer: u64,
        log: &BlockLog,
        header: Header,
        subject: Subject,
    ) -> Result<Proof, ReadError> {
        let store = self.store();
        let inclusion = log.inclusion(store, header.height, newer - 1)?;
        let newest = part("header", newer, store.header(newer)?)?;
        let certificate = part("certificate", newer, store.certificate(newer)?)?;
        self.proof(newest, certificate, Some(Older { header, inclusion }), subject)
    }

    /// All changes of the validator set before a committed height, in order.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn set_changes(&self, height: u64) -> Result<SetChanges, ReadError> {
        let store = self.store();
        let (mut changes, mut at) = (Vec::new(), height);
        while let Some((from, set)) = store.validators(at)? {
            let last = from - 1;
            changes.push(SetChange {
                header: part("header", last, store.header(last)?)?,
                certificate: part("certificate", last, store.certificate(last)?)?,
                validators: part::<ValidatorSet>("validator set", from, Some(set))?,
            });
            if changes.len() > SET_CHANGES_MAX {
                return Err(ReadError::TooManyChanges);
            }
            at = last;
        }
        changes.reverse();
        Ok(SetChanges::new(changes).expect("counted above"))
    }

    fn proof(
        &self,
        header: Header,
        certificate: CommitCertificate,
        older: Option<Older>,
        subject: Subject,
    ) -> Result<Proof, ReadError> {
        let proof = Proof {
            magic: Magic,
            version: Version,
            chain_id: header.chain_id,
            changes: self.set_changes(header.height)?,
            header,
            certificate,
            older,
            subject,
        };
        let length_bytes = encoded_bytes(&proof);
        if length_bytes > PROOF_BYTES_MAX as u64 {
            return Err(ReadError::LongProof { length_bytes });
        }
        Ok(proof)
    }
}
