//! One test for each rule of a block: a valid block, changed in one place.

use std::sync::Arc;

use vouchsafe_genesis::{Parameters, TIME_MS_MAX};
use vouchsafe_ledger::{
    BuildError, InvalidBlock, MemoryStore, StoreError, ValidateError, body_matches_header,
};
use vouchsafe_types::certificate::{CertificateError, CertificateHash};
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::{Block, BlockEvidence, BlockTransactions};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::StateName;
use vouchsafe_types::transaction::VerifiedTransaction;
use vouchsafe_types::validator_set::ValidatorSetHash;

use crate::building::large;
use crate::chain::*;

const WRONG: Digest = Digest([7; 32]);

/// Why a valid block at height 2 is refused after a change; unchanged, it is not.
fn refusal_of(change: impl FnOnce(&mut Block)) -> InvalidBlock {
    let chain = Chain::begun();
    let mut block = chain.build(&[chain.sign(ALICE, vec![notarize(&["a"])])]).block;
    assert!(chain.validate(&block).is_ok());
    change(&mut block);
    chain.refusal(&block)
}

#[test]
fn a_block_is_of_this_chain() {
    let refusal = refusal_of(|block| block.header.chain_id.0 = WRONG);
    assert!(matches!(refusal, InvalidBlock::ChainId { actual, .. } if actual.0 == WRONG));
}

#[test]
fn a_blocks_height_follows_the_heads() {
    for wrong in [0, 1, 3, u64::MAX] {
        let refusal = refusal_of(|block| block.header.height = wrong);
        assert_eq!(refusal, InvalidBlock::Height { expected: 2, actual: wrong });
    }
}

#[test]
fn a_blocks_parent_is_the_head() {
    let refusal = refusal_of(|block| block.header.parent = BlockId(WRONG));
    assert!(matches!(refusal, InvalidBlock::Parent { actual: BlockId(WRONG), .. }));
}

#[test]
fn a_blocks_history_root_is_over_all_earlier_block_ids() {
    let refusal = refusal_of(|block| block.header.history_root = WRONG);
    assert!(matches!(refusal, InvalidBlock::HistoryRoot { actual: WRONG, .. }));
}

#[test]
fn a_blocks_time_is_after_its_parents() {
    let parent_time_ms = GENESIS_TIME_MS + 1_000;
    let refusal = refusal_of(|block| block.header.time_ms = parent_time_ms);
    assert_eq!(refusal, InvalidBlock::Time { time_ms: parent_time_ms, parent_time_ms });
}

#[test]
fn a_blocks_time_is_a_date() {
    let chain = Chain::begun();
    let mut last = chain.build(&[]).block;
    last.header.time_ms = TIME_MS_MAX;
    assert!(chain.validate(&last).is_ok());
    let refusal = refusal_of(|block| block.header.time_ms = TIME_MS_MAX + 1);
    let (time_ms, latest_ms) = (TIME_MS_MAX + 1, TIME_MS_MAX);
    assert_eq!(refusal, InvalidBlock::TimeRange { time_ms, latest_ms });
}

#[test]
fn a_blocks_proposer_is_its_rounds() {
    let refusal = refusal_of(|block| block.header.round += 1);
    assert!(matches!(refusal, InvalidBlock::Proposer { .. }));
    let refusal = refusal_of(|block| block.header.proposer.0 = WRONG);
    assert!(matches!(refusal, InvalidBlock::Proposer { actual, .. } if actual.0 == WRONG));
}

#[test]
fn a_block_names_the_states_validators() {
    let refusal = refusal_of(|block| block.header.validators = ValidatorSetHash(WRONG));
    assert!(matches!(refusal, InvalidBlock::Validators { actual: ValidatorSetHash(WRONG), .. }));
}

#[test]
fn a_block_names_the_next_heights_validators() {
    let refusal = refusal_of(|block| block.header.next_validators = ValidatorSetHash(WRONG));
    let wrong = ValidatorSetHash(WRONG);
    assert!(matches!(refusal, InvalidBlock::NextValidators { actual, .. } if actual == wrong));
}

#[test]
fn block_1_carries_no_certificate() {
    let chain = Chain::new();
    let mut block = chain.build(&[]).block;
    block.parent_certificate = Some(other_certificate(&chain));
    reseal(&mut block);
    assert_eq!(chain.refusal(&block), InvalidBlock::ParentCertificatePresent);
}

#[test]
fn block_1_has_the_fixed_constants_in_place_of_a_parent() {
    let header = Chain::new().build(&[]).block.header;
    assert_eq!(header.parent.0, Digest::ZERO);
    assert_eq!(header.parent_certificate, CertificateHash::ZERO);
    assert_eq!(header.history_root, vouchsafe_types::log::empty_root());
}

#[test]
fn a_later_block_carries_its_parents_certificate() {
    let refusal = refusal_of(|block| block.parent_certificate = None);
    assert_eq!(refusal, InvalidBlock::ParentCertificateMissing);
}

#[test]
fn the_header_names_the_certificate_carried() {
    let wrong = CertificateHash(WRONG);
    let refusal = refusal_of(|block| block.header.parent_certificate = wrong);
    assert!(
        matches!(refusal, InvalidBlock::ParentCertificateHash { actual, .. } if actual == wrong)
    );
    let chain = Chain::new();
    let mut first = chain.build(&[]).block;
    first.header.parent_certificate = wrong;
    assert!(matches!(chain.refusal(&first), InvalidBlock::ParentCertificateHash { .. }));
}

#[test]
fn the_certificate_carried_is_the_parents() {
    let chain = Chain::begun();
    let (id, head) = (chain.chain_id(), chain.ledger.head());
    for (height, block_id) in [(1, BlockId(WRONG)), (2, head.block_id)] {
        let mut block = chain.build(&[]).block;
        let seeds = [0, 1, 2].map(validator);
        block.parent_certificate = Some(certificate_of(&id, height, block_id, &seeds));
        reseal(&mut block);
        let expected = InvalidBlock::ParentCertificateBlock { certified: block_id, height };
        assert_eq!(chain.refusal(&block), expected);
    }
}

#[test]
fn the_certificate_carried_verifies() {
    let chain = Chain::begun();
    let (id, head) = (chain.chain_id(), chain.ledger.head());
    let mut block = chain.build(&[]).block;
    let two = [0, 1].map(validator);
    block.parent_certificate = Some(certificate_of(&id, 1, head.block_id, &two));
    reseal(&mut block);
    let error = CertificateError::Power { power: 2, total_power: 4 };
    assert_eq!(chain.refusal(&block), InvalidBlock::ParentCertificate(error));
}

#[test]
fn any_valid_certificate_of_the_parent_qualifies() {
    let chain = Chain::begun();
    let other = other_certificate(&chain);
    assert_ne!(Some(&other), chain.ledger.head().certificate.as_ref());
    let mut block = chain.build(&[]).block;
    block.parent_certificate = Some(other);
    reseal(&mut block);
    assert!(chain.validate(&block).is_ok());
}

#[test]
fn a_block_is_not_larger_than_the_parameter() {
    let limit_bytes = Parameters::BLOCK_BYTES.least;
    let chain =
        Chain::with_parameters(Parameters { block_bytes_max: limit_bytes, ..Default::default() });
    let mut transactions: Vec<_> = (0..3).map(|i| large(&chain, i).signed().clone()).collect();
    let block = chain.block_with(transactions.clone());
    assert!(matches!(
        chain.refusal(&block),
        InvalidBlock::TooLarge { limit_bytes: limit, actual_bytes } if limit == limit_bytes
            && actual_bytes > limit
    ));
    transactions.pop();
    let smaller = chain.block_with(transactions);
    assert!(matches!(chain.refusal(&smaller), InvalidBlock::StateRoot { .. }));
}

#[test]
fn the_header_counts_the_blocks_transactions() {
    let refusal = refusal_of(|block| block.header.transaction_count = 2);
    assert_eq!(refusal, InvalidBlock::TransactionCount { expected: 1, actual: 2 });
}

#[test]
fn the_transactions_root_is_over_the_whole_signed_transactions() {
    let refusal = refusal_of(|block| block.header.transactions_root = WRONG);
    assert!(matches!(refusal, InvalidBlock::TransactionsRoot { actual: WRONG, .. }));
    let refusal = refusal_of(|block| {
        let mut transactions = block.transactions.clone().into_inner();
        transactions[0].signature.0[0] ^= 1;
        block.transactions = BlockTransactions::new(transactions).expect("few");
    });
    assert!(matches!(refusal, InvalidBlock::TransactionsRoot { .. }));
}

#[test]
fn the_evidence_root_is_over_the_blocks_evidence() {
    let refusal = refusal_of(|block| block.header.evidence_root = WRONG);
    assert!(matches!(refusal, InvalidBlock::EvidenceRoot { actual: WRONG, .. }));
}

#[test]
fn the_state_root_is_what_executing_the_block_gives() {
    let refusal = refusal_of(|block| block.header.state_root = WRONG);
    assert!(matches!(refusal, InvalidBlock::StateRoot { actual: WRONG, .. }));
}

#[test]
fn a_body_is_its_headers_by_transactions_evidence_and_certificate() {
    let chain = Chain::begun();
    let block = chain.build(&[chain.sign(ALICE, vec![notarize(&["a"])])]).block;
    assert!(body_matches_header(&block));
    assert!(body_matches_header(&Chain::new().build(&[]).block), "without a certificate");
    let pairs = |change: fn(&mut Block, &Chain<MemoryStore>)| {
        let mut changed = block.clone();
        change(&mut changed, &chain);
        body_matches_header(&changed)
    };
    assert!(!pairs(|block, _| {
        block.transactions = BlockTransactions::new(Vec::new()).expect("may be empty");
    }));
    assert!(!pairs(|block, chain| {
        let offence = equivocation(&chain.chain_id(), validator(0), 1);
        block.evidence = BlockEvidence::new(vec![offence]).expect("few");
    }));
    assert!(!pairs(|block, chain| block.parent_certificate = Some(other_certificate(chain))));
    assert!(!pairs(|block, _| block.parent_certificate = None));
}

#[test]
fn known_transactions_are_not_checked_again_and_give_the_same_verdict() {
    let chain = Chain::begun();
    let pooled: Vec<Arc<VerifiedTransaction>> =
        ["a", "b", "c"].map(|label| Arc::new(chain.sign(ALICE, vec![notarize(&[label])]))).into();
    let candidates: Vec<_> = pooled.iter().map(|t| VerifiedTransaction::clone(t)).collect();
    let block = chain.build(&candidates).block;
    // The second is unknown: it is checked, and stands in its place.
    let known = |leaf: &Digest| {
        pooled.iter().find(|t| t.leaf() == *leaf && t.leaf() != pooled[1].leaf()).cloned()
    };
    let judged = chain.ledger.validate(&block, &known).expect("valid");
    assert_eq!(judged.block_id(), block.header.block_id());
    let ids: Vec<_> = pooled.iter().map(|t| t.id()).collect();
    assert_eq!(judged.transaction_ids().collect::<Vec<_>>(), ids);
    let leaves: Vec<_> = pooled.iter().map(|t| t.leaf()).collect();
    assert_eq!(judged.leaves().collect::<Vec<_>>(), leaves);
}

#[test]
fn a_failing_store_is_no_verdict() {
    let honest = Chain::new();
    let transaction = honest.sign(ALICE, vec![notarize(&["a"])]);
    let block = honest.build(std::slice::from_ref(&transaction)).block;
    let validators = StateName::Validators.key();
    let chain = Chain::over_damage(|key, stored| {
        if *key != validators {
            stored.record[0] ^= 1;
        }
    });
    let verdict = chain.ledger.validate(&block, &|_| None).map(|executed| executed.block_id());
    assert!(matches!(verdict, Err(ValidateError::Store(StoreError::Corrupt(_)))), "{verdict:?}");
    let built = chain.ledger.build(chain.input(), [&transaction]).map(|built| built.block);
    assert!(matches!(built, Err(BuildError::Store(StoreError::Corrupt(_)))), "{built:?}");
}

#[test]
fn a_log_is_only_continued_from_where_its_record_says_it_ends() {
    let alice = StateName::Signer(public(ALICE)).key();
    let mut longer = Frontier::default();
    longer.append(WRONG);
    for wrong in [None, Some(longer)] {
        let chain = Chain::over_damage(|key, stored| {
            if *key == alice {
                stored.log.clone_from(&wrong);
            }
        });
        let transaction = chain.sign(ALICE, vec![notarize(&["a"])]);
        let built = chain.ledger.build(chain.input(), [&transaction]).map(|built| built.block);
        let Err(BuildError::Store(StoreError::Corrupt(text))) = built else { panic!("{built:?}") };
        assert!(text.contains("does not continue"), "{text}");
    }
}
