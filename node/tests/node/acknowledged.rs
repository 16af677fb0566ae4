//! What a node acknowledged, and the look whether it still holds all of it.

use std::collections::BTreeMap;

use vouchsafe_proto::v1::{GetTransactionRequest, Receipt};
use vouchsafe_types::verifier::Verifier;

use crate::running::Running;
use crate::statements::genesis;

/// Transactions with their receipts, by transaction id.
pub(crate) type Acknowledged = BTreeMap<Vec<u8>, (Vec<u8>, Receipt)>;

/// Every acknowledged transaction is found with the receipt that was given, and it still proves.
pub(crate) async fn all_are_there(node: &Running, acknowledged: &Acknowledged) {
    let genesis = genesis(&node.home);
    let verifier = Verifier::new(genesis.chain_id(), genesis.validator_set().clone());
    let mut client = node.client().await;
    for (transaction_id, (transaction, receipt)) in acknowledged {
        let request = GetTransactionRequest { transaction_id: transaction_id.clone() };
        let found = client.get_transaction(request).await.expect("still there").into_inner();
        assert_eq!(&found.transaction, transaction);
        assert_eq!(found.receipt.as_ref(), Some(receipt));
        let head = receipt.head.as_ref().expect("a head");
        let proven = verifier.header(&head.header, &head.certificate).expect("certified");
        proven.transaction(transaction, &receipt.inclusion_proof).expect("included");
    }
}
