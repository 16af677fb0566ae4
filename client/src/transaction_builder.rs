//! From assets to as few transactions as the limits allow.

use std::collections::BTreeSet;
use std::time::Duration;

use vouchsafe_genesis::Parameters;
use vouchsafe_types::asset::{Asset, AssetKey};
use vouchsafe_types::canonical::{Canonical as _, DecodeError, Version};
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, RevocationReason, TRANSACTION_ASSETS_MAX,
};

use crate::duration::{milliseconds, text};

/// How long a transaction may wait to be included unless told otherwise, in milliseconds; less
/// where the chain's window is shorter than twice that.
pub const EXPIRY_DEFAULT_MS: u64 = 600_000;
/// Bytes of a body with one operation, beside its assets: version, count, operation, count,
/// reason, nonce, expiry.
const BODY_OVERHEAD_BYTES: usize = 1 + 4 + 1 + 4 + 1 + 16 + 8;

/// Why no transaction is built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The expiry is longer than the chain allows.
    #[error(
        "--expiry {} is longer than the {} that this chain allows", text(*.asked_ms),
        text(*.window_ms)
    )]
    ExpiryTooFar {
        /// What was asked, in milliseconds.
        asked_ms: u64,
        /// The chain's window, in milliseconds.
        window_ms: u64,
    },
    /// The expiry has passed before the transaction could be sent.
    #[error("--expiry 0 has passed before the transaction could be sent: give some seconds")]
    ExpiryNow,
    /// A bound that batches keep is broken.
    #[error(transparent)]
    Bound(#[from] DecodeError),
    /// No random bytes.
    #[error("the system gave no random bytes for the nonce: {0}")]
    Randomness(String),
}

/// What a signer does with assets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Vouches for them.
    Notarize,
    /// Withdraws trust.
    Revoke(RevocationReason),
}

impl Act {
    /// The operation on some assets.
    ///
    /// # Errors
    /// [`DecodeError`] when there are none, or too many.
    pub fn operation(self, assets: Vec<Asset>) -> Result<Operation, DecodeError> {
        let assets = Assets::new(assets)?;
        Ok(match self {
            Self::Notarize => Operation::Notarize { assets },
            Self::Revoke(reason) => Operation::Revoke { assets, reason },
        })
    }
}

/// Keeps the first of each content: a transaction names an asset once.
#[must_use]
pub fn distinct(assets: Vec<Asset>) -> Vec<Asset> {
    let mut known: BTreeSet<AssetKey> = BTreeSet::new();
    assets.into_iter().filter(|asset| known.insert(asset.key())).collect()
}

/// Splits assets into batches that each fit into one transaction, in their order.
#[must_use]
pub fn batches(assets: Vec<Asset>) -> Vec<Vec<Asset>> {
    let room_bytes = BodyBytes::MOST - BODY_OVERHEAD_BYTES;
    let mut batches: Vec<Vec<Asset>> = Vec::new();
    let mut used_bytes = 0;
    for asset in assets {
        let asset_bytes = borsh::to_vec(&asset).expect("writing to memory cannot fail").len();
        match batches.last_mut() {
            Some(batch)
                if batch.len() < TRANSACTION_ASSETS_MAX
                    && used_bytes + asset_bytes <= room_bytes =>
            {
                batch.push(asset);
                used_bytes += asset_bytes;
            }
            _ => {
                batches.push(vec![asset]);
                used_bytes = asset_bytes;
            }
        }
    }
    batches
}

/// Until when a transaction may be included, in milliseconds since 1970.
///
/// # Errors
/// [`BuildError::ExpiryTooFar`] or [`BuildError::ExpiryNow`].
pub fn expiry_ms(
    now_ms: u64,
    asked: Option<Duration>,
    parameters: &Parameters,
) -> Result<u64, BuildError> {
    let window_ms = parameters.expiry_window_ms;
    let after_ms = match asked {
        Some(asked) => milliseconds(asked),
        // Half the window: block time may be behind this machine's clock.
        None => EXPIRY_DEFAULT_MS.min(window_ms / 2),
    };
    if after_ms == 0 {
        return Err(BuildError::ExpiryNow);
    }
    if after_ms > window_ms {
        return Err(BuildError::ExpiryTooFar { asked_ms: after_ms, window_ms });
    }
    Ok(now_ms.saturating_add(after_ms))
}

/// The body of one batch.
///
/// # Errors
/// [`BuildError`].
pub fn body(act: Act, batch: Vec<Asset>, expiry_ms: u64) -> Result<Body, BuildError> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|error| BuildError::Randomness(error.to_string()))?;
    let operations = Operations::new(vec![act.operation(batch)?])?;
    let body = Body { version: Version, operations, nonce, expiry_ms };
    BodyBytes::new(body.to_bytes())?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::asset::{
        Attribute, AttributeKey, AttributeValue, Attributes, DisplayName, Scheme,
    };
    use vouchsafe_types::hash::sha256;

    fn asset(number: usize, value_bytes: usize) -> Asset {
        let attribute = |key: usize| Attribute {
            key: AttributeKey::new(format!("{key:02}")).expect("short"),
            value: AttributeValue::new("v".repeat(value_bytes)).expect("short"),
        };
        let attributes = if value_bytes == 0 { vec![] } else { (0..16).map(attribute).collect() };
        Asset {
            scheme: Scheme::Bytes,
            digest: sha256(&[&number.to_le_bytes()]),
            size_bytes: 1,
            name: DisplayName::new(format!("{number}")).expect("short"),
            attributes: Attributes::new(attributes).expect("ascending"),
        }
    }

    #[test]
    fn a_transaction_names_at_most_4096_assets() {
        let assets: Vec<_> = (0..10_000).map(|number| asset(number, 0)).collect();
        let batches = batches(assets.clone());
        let counts: Vec<_> = batches.iter().map(Vec::len).collect();
        assert_eq!(counts, [4096, 4096, 1808]);
        assert_eq!(batches.concat(), assets, "nothing is lost and the order is kept");
    }

    #[test]
    fn a_transaction_has_at_most_its_bytes_and_batches_are_full() {
        let assets: Vec<_> = (0..200).map(|number| asset(number, 1024)).collect();
        let split = batches(assets.clone());
        assert!(split.len() > 1);
        assert_eq!(split.concat(), assets);
        for (index, batch) in split.iter().enumerate() {
            let full = body(Act::Revoke(RevocationReason::Deprecated), batch.clone(), 1);
            assert!(full.is_ok(), "batch {index} fits");
            if let Some(next) = split.get(index + 1) {
                let mut more = batch.clone();
                more.push(next[0].clone());
                let over = body(Act::Revoke(RevocationReason::Deprecated), more, 1);
                assert!(matches!(over, Err(BuildError::Bound(_))), "batch {index} is full");
            }
        }
    }

    #[test]
    fn equal_content_is_named_once_under_its_first_name() {
        let mut second = asset(1, 0);
        second.name = DisplayName::new("copy".into()).expect("short");
        let kept = distinct(vec![asset(1, 0), asset(2, 0), second]);
        assert_eq!(kept, [asset(1, 0), asset(2, 0)]);
    }

    #[test]
    fn the_expiry_keeps_within_the_chains_window() {
        let parameters = Parameters { expiry_window_ms: 60_000, ..Parameters::default() };
        let at =
            |asked: Option<u64>| expiry_ms(1_000, asked.map(Duration::from_millis), &parameters);
        assert_eq!(at(None), Ok(31_000));
        assert_eq!(at(Some(60_000)), Ok(61_000));
        let too_far = BuildError::ExpiryTooFar { asked_ms: 60_001, window_ms: 60_000 };
        assert_eq!(at(Some(60_001)), Err(too_far));
        assert_eq!(at(Some(0)), Err(BuildError::ExpiryNow));
        assert_eq!(expiry_ms(0, None, &Parameters::default()), Ok(EXPIRY_DEFAULT_MS));
    }

    #[test]
    fn two_bodies_of_the_same_assets_have_two_nonces() {
        let make = || body(Act::Notarize, vec![asset(1, 0)], 1).expect("builds");
        assert_ne!(make().nonce, make().nonce);
    }
}
