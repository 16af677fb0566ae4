//! Whose votes stand in the certificates of committed heights.
//!
//! A certificate holds the precommits that came first and together have more than two thirds of
//! the power. A validator that works may be absent from many: one that is absent from all is down.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use vouchsafe_ledger::CommitBatch;
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::header::Header;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::{ValidatorSet, ValidatorSetHash};

/// How much of an address tells one validator from another, in hexadecimal digits.
const ADDRESS_DIGITS: usize = 8;

/// Names a validator; there are as many as the genesis document has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ValidatorLabels {
    organization: String,
    /// The first digits of its address.
    validator: String,
}

/// Metrics of the validators of one set.
pub(crate) struct ValidatorMetrics {
    set: ValidatorSetHash,
    labels: BTreeMap<Address, ValidatorLabels>,
    count: Gauge,
    power: Family<ValidatorLabels, Gauge>,
    votes_missed: Family<ValidatorLabels, Counter>,
    last_vote_height: Family<ValidatorLabels, Gauge>,
}

impl ValidatorMetrics {
    pub(super) fn new(validators: &ValidatorSet) -> Self {
        let metrics = Self {
            set: validators.hash(),
            labels: validators.iter().map(|(address, v)| (*address, labels(address, v))).collect(),
            count: Gauge::default(),
            power: Family::default(),
            votes_missed: Family::default(),
            last_vote_height: Family::default(),
        };
        metrics.count.set(i64::try_from(validators.len()).expect("a set's size is bounded"));
        for (address, validator) in validators.iter() {
            let labels = &metrics.labels[address];
            let power = i64::try_from(validator.power).expect("a set's power is bounded");
            metrics.power.get_or_create(labels).set(power);
            // Shown as 0 before the first is missed, so that the first is seen as a change.
            drop(metrics.votes_missed.get_or_create(labels));
            drop(metrics.last_vote_height.get_or_create(labels));
        }
        metrics
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("validators", "Validators of the chain", self.count.clone());
        registry.register("validator_power", "Voting power of a validator", self.power.clone());
        registry.register(
            "validator_votes_missed",
            "Committed heights whose certificate is without the validator's vote",
            self.votes_missed.clone(),
        );
        registry.register(
            "validator_last_vote_height",
            "The newest height whose certificate holds the validator's vote",
            self.last_vote_height.clone(),
        );
    }

    /// Counts the votes in a height's certificate, if its validators are the ones known here.
    pub(crate) fn observe(&self, batch: &CommitBatch) {
        let header = Header::from_bytes(&batch.header).expect("this node encoded it");
        if header.validators != self.set {
            return;
        }
        let certificate = CommitCertificate::from_bytes(&batch.certificate);
        let signatures = certificate.expect("this node encoded it").signatures;
        let height = i64::try_from(batch.height).unwrap_or(i64::MAX);
        for (address, labels) in &self.labels {
            // A certificate's signatures ascend by address.
            if signatures.binary_search_by_key(address, |signature| signature.address).is_ok() {
                self.last_vote_height.get_or_create(labels).set(height);
            } else {
                self.votes_missed.get_or_create(labels).inc();
            }
        }
    }
}

fn labels(
    address: &Address,
    validator: &vouchsafe_types::validator_set::Validator,
) -> ValidatorLabels {
    let mut short = address.to_string();
    short.truncate(ADDRESS_DIGITS);
    ValidatorLabels { organization: validator.organization.to_string(), validator: short }
}
