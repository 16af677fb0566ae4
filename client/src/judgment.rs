//! The verdict on what is proven: whom the caller relies on, and what they say together.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::{AssetRecord, OrganizationStatus};
use vouchsafe_types::status::{Policy, Status, Verdict};
use vouchsafe_types::verifier::ProvenHeader;

use crate::exit::Exit;
use crate::fold::Signers;

/// Whom the caller relies on.
#[derive(Clone, Debug, Default)]
pub struct Reliance {
    /// Which organizations count, and how many must trust.
    pub policy: Policy,
    /// Which signers count.
    pub signers: Signers,
}

/// Why a policy can never be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelianceError {
    /// Nobody is required.
    #[error("--require 0 would call trusted what nobody vouches for: require at least 1")]
    RequireNothing,
    /// More are required than may count.
    #[error("--require {required} cannot be met by the {named} organizations named with --org")]
    RequireMoreThanNamed {
        /// How many are required.
        required: usize,
        /// How many may count.
        named: usize,
    },
    /// Not a fingerprint.
    #[error(
        "{0:?} is not an OpenSSH fingerprint: write SHA256: and 43 characters, as 'ssh-keygen -l' \
         or 'vouch key show' prints it"
    )]
    Fingerprint(String),
}

/// Reads an OpenSSH fingerprint.
///
/// # Errors
/// [`RelianceError::Fingerprint`].
pub fn parse_fingerprint(text: &str) -> Result<String, RelianceError> {
    let valid = text.strip_prefix("SHA256:").is_some_and(|rest| {
        rest.len() == 43
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
    });
    if valid {
        Ok(text.to_owned())
    } else {
        Err(RelianceError::Fingerprint(text.chars().take(80).collect()))
    }
}

impl Reliance {
    /// Relies on some organizations (all if none), some signers (all if none), and so many
    /// distinct organizations that trust.
    ///
    /// # Errors
    /// [`RelianceError`].
    pub fn new(
        organizations: BTreeSet<OrganizationId>,
        signers: &[String],
        required: usize,
    ) -> Result<Self, RelianceError> {
        if required == 0 {
            return Err(RelianceError::RequireNothing);
        }
        if !organizations.is_empty() && required > organizations.len() {
            let named = organizations.len();
            return Err(RelianceError::RequireMoreThanNamed { required, named });
        }
        let signers =
            signers.iter().map(|text| parse_fingerprint(text)).collect::<Result<_, _>>()?;
        Ok(Self { policy: Policy { organizations, required }, signers: Signers::of(signers) })
    }
}

/// Where a proof stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenAt {
    /// The height of the header that proves it.
    pub height: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
    /// Its block.
    pub block_id: BlockId,
}

impl From<&ProvenHeader> for ProvenAt {
    fn from(head: &ProvenHeader) -> Self {
        let header = head.header();
        Self { height: header.height, time_ms: header.time_ms, block_id: head.block_id() }
    }
}

/// The proven answer about one asset.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The verdict on those who count.
    pub verdict: Verdict,
    /// What the organizations say by the word of the signers who count, ascending by organization.
    pub counted: Vec<OrganizationStatus>,
    /// The asset's proven record, if it has one.
    pub record: Option<AssetRecord>,
    /// Where the proof stands.
    pub at: ProvenAt,
}

impl Checked {
    /// The exit code of the verdict.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.verdict.status {
            Status::Trusted if self.verdict.enough => Exit::Success,
            Status::Trusted => Exit::PolicyNotMet,
            Status::Untrusted => Exit::Untrusted,
            Status::Unknown => Exit::Unknown,
            Status::Unsupported => Exit::Unsupported,
        }
    }
}

/// Judges what is said of an asset.
#[must_use]
pub fn judge(
    policy: &Policy,
    record: Option<AssetRecord>,
    counted: Vec<OrganizationStatus>,
    at: ProvenAt,
) -> Checked {
    let said: BTreeMap<_, _> =
        counted.iter().map(|entry| (entry.organization.clone(), entry.status)).collect();
    let mut verdict = policy.judge(&said);
    // Whoever distrusts by any signer's word, and is not among those whose distrust counts.
    let relied_on_distrust = verdict.status == Status::Untrusted;
    let others = record.iter().flat_map(|record| record.organizations.iter());
    verdict.distrusted_by_others = others
        .filter(|entry| entry.status == Status::Untrusted)
        .filter(|entry| !(relied_on_distrust && verdict.relied_on.contains(&entry.organization)))
        .map(|entry| entry.organization.clone())
        .collect();
    Checked { verdict, counted, record, at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::TransactionId;
    use vouchsafe_types::identity::PublicKey;
    use vouchsafe_types::record::{LogHead, OrganizationStatuses};
    use vouchsafe_types::transaction::RevocationReason;

    fn organization(name: &str) -> OrganizationId {
        OrganizationId::new(name).expect("valid")
    }

    fn says(name: &str, status: Status) -> OrganizationStatus {
        let reason = match status {
            Status::Untrusted => Some(RevocationReason::Compromised),
            Status::Unsupported => Some(RevocationReason::Deprecated),
            _ => None,
        };
        OrganizationStatus {
            organization: organization(name),
            status,
            reason,
            since_height: 1,
            since_time_ms: 1,
            event_index: 0,
            transaction_id: TransactionId::default(),
            operation_index: 0,
            signer: PublicKey([1; 32]),
        }
    }

    fn checked(
        policy: &Policy,
        record: &[OrganizationStatus],
        counted: &[OrganizationStatus],
    ) -> Checked {
        let organizations = OrganizationStatuses::new(record.to_vec()).ok();
        let record = organizations.map(|organizations| AssetRecord {
            version: Version,
            events: LogHead::empty(),
            organizations,
        });
        let at = ProvenAt { height: 1, time_ms: 1, block_id: BlockId::default() };
        judge(policy, record, counted.to_vec(), at)
    }

    #[test]
    fn each_status_has_its_exit_code() {
        for (status, exit) in [
            (Status::Trusted, Exit::Success),
            (Status::Untrusted, Exit::Untrusted),
            (Status::Unsupported, Exit::Unsupported),
        ] {
            let said = [says("acme", status)];
            assert_eq!(checked(&Policy::default(), &said, &said).exit(), exit);
        }
        assert_eq!(checked(&Policy::default(), &[], &[]).exit(), Exit::Unknown);
    }

    #[test]
    fn trust_by_too_few_organizations_is_13_and_by_none_of_those_named_10() {
        let said = [says("acme", Status::Trusted)];
        let two = Policy { required: 2, ..Policy::default() };
        assert_eq!(checked(&two, &said, &said).exit(), Exit::PolicyNotMet);
        let bolt = Policy { organizations: [organization("bolt")].into(), required: 1 };
        assert_eq!(checked(&bolt, &said, &said).exit(), Exit::Unknown);
    }

    #[test]
    fn distrust_that_does_not_count_is_shown_without_a_veto() {
        let record = [says("acme", Status::Untrusted), says("bolt", Status::Untrusted)];
        // By the word of the signers who count, acme trusts.
        let answer = checked(&Policy::default(), &record, &[says("acme", Status::Trusted)]);
        assert_eq!(answer.exit(), Exit::Success);
        let others = [organization("acme"), organization("bolt")].into();
        assert_eq!(answer.verdict.distrusted_by_others, others);
        // Distrust that counts is not named twice.
        let answer = checked(&Policy::default(), &record[..1], &record[..1]);
        assert_eq!(answer.exit(), Exit::Untrusted);
        assert!(answer.verdict.distrusted_by_others.is_empty());
    }

    #[test]
    fn a_policy_that_cannot_be_met_or_means_nothing_is_refused() {
        let one: BTreeSet<_> = [organization("acme")].into();
        let new = |organizations: &BTreeSet<_>, required| {
            Reliance::new(organizations.clone(), &[], required).map(|_| ())
        };
        assert_eq!(new(&one, 0), Err(RelianceError::RequireNothing));
        let impossible = RelianceError::RequireMoreThanNamed { required: 2, named: 1 };
        assert_eq!(new(&one, 2), Err(impossible));
        assert_eq!(new(&BTreeSet::new(), 2), Ok(()));
        let print = format!("SHA256:{}", "A".repeat(43));
        assert_eq!(parse_fingerprint(&print), Ok(print));
        for wrong in ["", "SHA256:", "MD5:00", "SHA256:A", &format!("SHA256:{}=", "A".repeat(43))] {
            assert!(parse_fingerprint(wrong).is_err(), "{wrong}");
        }
    }
}
