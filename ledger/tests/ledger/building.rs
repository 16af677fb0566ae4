//! Building blocks: room, order, turns, clocks, and what a block becomes.

use vouchsafe_genesis::{Parameters, TIME_MS_MAX};
use vouchsafe_ledger::{BuildError, BuildInput, MemoryStore};
use vouchsafe_types::asset::{
    Asset, Attribute, AttributeKey, AttributeValue, Attributes, DisplayName,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::BLOCK_EVIDENCE_MAX;
use vouchsafe_types::transaction::{Assets, Operation, VerifiedTransaction};

use crate::chain::*;

/// A transaction of almost a mebibyte.
pub(crate) fn large(chain: &Chain<MemoryStore>, number: usize) -> VerifiedTransaction {
    let attribute = |index: usize| Attribute {
        key: AttributeKey::new(format!("{index:02}")).expect("short"),
        value: AttributeValue::new("x".repeat(1024)).expect("as long as allowed"),
    };
    let attributes = Attributes::new((0..16).map(attribute).collect()).expect("in order");
    let heavy = |index| Asset {
        attributes: attributes.clone(),
        ..asset(&format!("large {number} {index}"))
    };
    let assets = Assets::new((0..60).map(heavy).collect()).expect("few");
    chain.sign(ALICE, vec![Operation::Notarize { assets }])
}

fn small_blocks() -> Chain<MemoryStore> {
    let block_bytes_max = Parameters::BLOCK_BYTES.least;
    Chain::with_parameters(Parameters { block_bytes_max, ..Default::default() })
}

#[test]
fn candidates_are_taken_in_order_until_one_does_not_fit() {
    let chain = small_blocks();
    let mut candidates: Vec<_> = (0..3).map(|number| large(&chain, number)).collect();
    candidates.push(chain.sign(ALICE, vec![notarize(&["small"])]));
    let built = chain.build(&candidates);
    let ids: Vec<_> = candidates[..2].iter().map(|candidate| candidate.id()).collect();
    assert_eq!(built.executed.transaction_ids().collect::<Vec<_>>(), ids);
    assert_eq!(built.refused, []);
    assert!(built.block.to_bytes().len() as u64 <= chain.genesis.parameters().block_bytes_max);
    chain.validate(&built.block).expect("valid");
}

/// A transaction whose one asset has a name of so many bytes.
fn named(chain: &Chain<MemoryStore>, number: usize, name_bytes: usize) -> VerifiedTransaction {
    let mut padded = asset(&format!("padding {number}"));
    padded.name = DisplayName::new("n".repeat(name_bytes)).expect("short");
    let assets = Assets::new(vec![padded]).expect("one");
    chain.sign(ALICE, vec![Operation::Notarize { assets }])
}

/// Fills a block that carries this evidence.
fn fill_to_the_last_byte(evidence: &[Evidence]) {
    let chain = small_blocks();
    let build = |transactions: &[VerifiedTransaction]| {
        let input = BuildInput { evidence: evidence.to_vec(), ..chain.input() };
        let built = chain.ledger.build(input, transactions).expect("builds");
        assert_eq!(&built.block.evidence[..], evidence);
        built
    };
    let mut transactions: Vec<_> = (0..2).map(|number| large(&chain, number)).collect();
    let filled_bytes = build(&transactions).block.to_bytes().len();
    let mut room_bytes =
        usize::try_from(Parameters::BLOCK_BYTES.least).expect("small") - filled_bytes;
    let least_bytes = named(&chain, 0, 0).bytes().len();
    while room_bytes > 2 * least_bytes {
        transactions.push(named(&chain, transactions.len(), 0));
        room_bytes -= least_bytes;
    }
    let full = |name_bytes| {
        let mut all = transactions.clone();
        all.push(named(&chain, all.len(), name_bytes));
        (build(&all), all.len())
    };
    let (built, count) = full(room_bytes - least_bytes);
    assert_eq!(built.block.transactions.len(), count);
    assert_eq!(built.block.to_bytes().len() as u64, Parameters::BLOCK_BYTES.least);
    chain.validate(&built.block).expect("as large as allowed");
    let (built, count) = full(room_bytes - least_bytes + 1);
    assert_eq!(built.block.transactions.len(), count - 1);
}

#[test]
fn a_block_may_be_filled_to_its_last_byte_and_not_further() {
    fill_to_the_last_byte(&[]);
}

#[test]
fn evidence_takes_room_from_transactions() {
    let chain_id = small_blocks().chain_id();
    fill_to_the_last_byte(&[0, 1].map(|index| equivocation(&chain_id, validator(index), 1)));
}

#[test]
fn a_block_holds_64_pieces_of_evidence_and_the_rest_wait() {
    let mut chain = Chain::begun();
    while chain.ledger.head().height < 20 {
        chain.append(&[]);
    }
    let mut input = chain.input();
    let chain_id = chain.chain_id();
    let offences =
        |height| (0..4).map(move |index| equivocation(&chain_id, validator(index), height));
    input.evidence = (1..=20).flat_map(offences).collect();
    let built = chain.ledger.build(input, []).expect("builds");
    assert_eq!(built.block.evidence.len(), BLOCK_EVIDENCE_MAX);
    assert_eq!(built.refused_evidence, []);
    chain.validate(&built.block).expect("valid");
}

#[test]
fn only_the_rounds_proposer_builds() {
    let chain = Chain::new();
    let mut input = chain.input();
    (input.round, input.proposer) = (1, chain.proposer(0));
    let error = chain.ledger.build(input.clone(), []).map(|b| b.executed.block_id()).err();
    let (expected, actual) = (chain.proposer(1), chain.proposer(0));
    assert_eq!(error, Some(BuildError::Proposer { expected, actual }));
    input.proposer = chain.proposer(1);
    let built = chain.ledger.build(input, []).expect("its turn");
    assert_eq!(built.block.header.round, 1);
    chain.validate(&built.block).expect("valid");
}

#[test]
fn a_block_carries_the_certificate_stored_with_its_parent() {
    let chain = Chain::begun();
    let stored = chain.ledger.head().certificate.clone();
    assert!(stored.is_some());
    assert_eq!(chain.build(&[]).block.parent_certificate, stored);
    assert_eq!(Chain::new().build(&[]).block.parent_certificate, None);
}

#[test]
fn a_blocks_time_is_the_clocks_or_one_more_than_its_parents() {
    let chain = Chain::begun();
    let parent_time_ms = chain.ledger.head().time_ms;
    for (now_ms, expected) in [
        (0, parent_time_ms + 1),
        (parent_time_ms, parent_time_ms + 1),
        (parent_time_ms + 1, parent_time_ms + 1),
        (parent_time_ms + 2, parent_time_ms + 2),
    ] {
        let mut input = chain.input();
        input.now_ms = now_ms;
        let built = chain.ledger.build(input, []).expect("builds");
        assert_eq!(built.block.header.time_ms, expected);
    }
    let mut input = chain.input();
    input.now_ms = TIME_MS_MAX;
    let last = chain.ledger.build(input.clone(), []).expect("the last date");
    chain.validate(&last.block).expect("valid");
    input.now_ms += 1;
    let error = chain.ledger.build(input, []).map(|b| b.executed.block_id()).err();
    assert_eq!(error, Some(BuildError::Clock { time_ms: TIME_MS_MAX + 1 }));
}

#[test]
fn proposals_upon_one_head_do_not_disturb_each_other() {
    let mut chain = Chain::new();
    let one = chain.build(&[chain.sign(ALICE, vec![notarize(&["a"])])]);
    let other = chain.build(&[chain.sign(ALICE, vec![compromise(&["a"])])]);
    let before = chain.ledger.head().state_root;
    assert_ne!(one.block.header.state_root, other.block.header.state_root);
    chain.validate(&one.block).expect("valid");
    assert_eq!(chain.ledger.head().state_root, before);
    chain.commit(one);
    assert!(chain.validate(&other.block).is_err(), "the height is decided");
}

#[test]
fn equal_input_gives_an_equal_block() {
    let chain = Chain::begun();
    let transactions = [chain.sign(ALICE, vec![notarize(&["a", "b"])])];
    assert_eq!(chain.build(&transactions).block, chain.build(&transactions).block);
}

#[test]
#[should_panic(expected = "its own certificate")]
fn a_block_is_not_committed_with_another_blocks_certificate() {
    let chain = Chain::begun();
    let built = chain.build(&[]);
    let _ = built.executed.certify(other_certificate(&chain));
}

#[test]
#[should_panic(expected = "in order")]
fn a_block_does_not_become_head_twice() {
    let mut chain = Chain::new();
    let built = chain.build(&[]);
    let seeds = [0, 1, 2].map(validator);
    let certificate = certificate(&chain.chain_id(), &built.executed, &seeds);
    let (_, next) = built.executed.certify(certificate);
    chain.ledger.committed(next.clone());
    chain.ledger.committed(next);
}
