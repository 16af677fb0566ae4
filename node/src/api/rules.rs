//! The names of rules in the API's errors: the variants of the errors they come from. They are
//! part of the API; docs/RULES.md lists them.

use vouchsafe_ledger::Rule;
use vouchsafe_types::canonical::DecodeError;
use vouchsafe_types::identity::PublicKeyError;
use vouchsafe_types::transaction::TransactionError;

/// The rule of canonical bytes.
pub(super) fn of_decoding(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::TooLong { .. } => "TooLong",
        DecodeError::Malformed(_) => "Malformed",
        DecodeError::UnknownVersion { .. } => "UnknownVersion",
        DecodeError::TooMany { .. } => "TooMany",
        DecodeError::TooFew { .. } => "TooFew",
        DecodeError::TrailingBytes(_) => "TrailingBytes",
        DecodeError::NotCanonical => "NotCanonical",
    }
}

/// The rule of a transaction alone. What does not decode is named by the bytes' own rule.
pub(super) fn of_transaction(error: &TransactionError) -> &'static str {
    match error {
        TransactionError::Envelope(cause) | TransactionError::Body(cause) => of_decoding(cause),
        TransactionError::AssetCount(_) => "AssetCount",
        TransactionError::RepeatedAsset(_) => "RepeatedAsset",
        TransactionError::PublicKey(PublicKeyError::NotAPoint) => "NotAPoint",
        TransactionError::PublicKey(PublicKeyError::NonCanonical) => "NonCanonical",
        TransactionError::PublicKey(PublicKeyError::SmallOrder) => "SmallOrder",
        TransactionError::Signature(_) => "Signature",
    }
}

/// The rule of a transaction in the ledger's state.
pub(super) fn of_ledger(rule: &Rule) -> &'static str {
    match rule {
        Rule::Form(error) => of_transaction(error),
        Rule::AlreadyCommitted { .. } => "AlreadyCommitted",
        Rule::RepeatedInBlock => "RepeatedInBlock",
        Rule::Expired { .. } => "Expired",
        Rule::ExpiryTooFar { .. } => "ExpiryTooFar",
        Rule::UnknownSigner { .. } => "UnknownSigner",
        Rule::SignerEnded { .. } => "SignerEnded",
        Rule::TrustNeedsAdmin { .. } => "TrustNeedsAdmin",
        Rule::AlreadyUntrusted { .. } => "AlreadyUntrusted",
    }
}
