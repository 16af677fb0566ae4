//! Waiting transactions into messages: as few as their bounds allow.

use std::sync::Arc;

use vouchsafe_replica::peer::Transactions;
use vouchsafe_types::transaction::{SignedTransaction, VerifiedTransaction};

/// The messages that hold all of these, in order.
pub(crate) fn pack(transactions: &[Arc<VerifiedTransaction>]) -> Vec<Transactions> {
    let mut messages = Vec::new();
    let mut list: Vec<SignedTransaction> = Vec::new();
    let mut bytes = 0;
    for transaction in transactions {
        let length = transaction.bytes().len();
        let full =
            list.len() == Transactions::COUNT_MAX || bytes + length > Transactions::LIST_BYTES_MAX;
        if full {
            messages.extend(message(std::mem::take(&mut list)));
            bytes = 0;
        }
        bytes += length;
        list.push(transaction.signed().clone());
    }
    messages.extend(message(list));
    messages
}

/// None if the list is empty, the only way in which it can be out of bounds here.
fn message(list: Vec<SignedTransaction>) -> Option<Transactions> {
    Transactions::new(list).ok()
}

#[cfg(test)]
mod tests {
    use vouchsafe_keys::{SecretKey, TransactionSigner};
    use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
    use vouchsafe_types::canonical::{Canonical, Version};
    use vouchsafe_types::hash::{ChainId, Digest, sha256};
    use vouchsafe_types::transaction::{Assets, Body, Operation, Operations, Transaction};

    use super::*;

    const CHAIN: ChainId = ChainId(Digest::ZERO);

    fn transaction(number: u64, assets: u64) -> Arc<VerifiedTransaction> {
        let asset = |asset: u64| Asset {
            scheme: Scheme::Bytes,
            digest: sha256(&[&number.to_le_bytes(), &asset.to_le_bytes()]),
            size_bytes: 0,
            name: DisplayName::new("a".repeat(200)).expect("short"),
            attributes: Attributes::default(),
        };
        let assets = Assets::new((0..assets).map(asset).collect()).expect("few");
        let operations = Operations::new(vec![Operation::Notarize { assets }]).expect("one");
        let body = Body { version: Version, operations, nonce: [0; 16], expiry_ms: 1 };
        let signed = SecretKey::from_seed(&[7; 32]).sign_transaction(&CHAIN, &body);
        let signed = signed.expect("signed");
        let read = Transaction::from_signed(&CHAIN, signed).expect("well formed");
        Arc::new(read.verify(&CHAIN).expect("signed"))
    }

    #[test]
    fn messages_are_bounded_in_number_and_bytes_and_lose_nothing() {
        assert!(pack(&[]).is_empty());
        let small: Vec<_> =
            (0..Transactions::COUNT_MAX as u64 + 1).map(|number| transaction(number, 1)).collect();
        let messages = pack(&small);
        assert_eq!(messages.len(), 2);
        let large: Vec<_> = (0..4).map(|number| transaction(number, 1000)).collect();
        let messages: Vec<_> = [messages, pack(&large)].concat();
        let mut unpacked = Vec::new();
        for message in messages {
            assert!(message.to_bytes().len() <= Transactions::LIMIT_BYTES);
            unpacked.extend(message.into_list());
        }
        let all: Vec<_> = small.iter().chain(&large).map(|each| each.signed().clone()).collect();
        assert_eq!(unpacked, all);
    }
}
