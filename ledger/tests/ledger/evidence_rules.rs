//! One test for each rule of evidence, built and judged.

use vouchsafe_genesis::Parameters;
use vouchsafe_ledger::{EvidenceRule, InvalidBlock, MemoryStore};
use vouchsafe_types::evidence::{Evidence, EvidenceError};
use vouchsafe_types::header::{Block, BlockEvidence};
use vouchsafe_types::record::StateName;

use crate::chain::*;

fn block_with(chain: &Chain<MemoryStore>, evidence: Vec<Evidence>) -> Block {
    let mut block = chain.build(&[]).block;
    block.evidence = BlockEvidence::new(evidence).expect("few");
    reseal(&mut block);
    block
}

/// Left out when a block is built, and refused in a block that is judged, by the same rule.
fn refused_everywhere(chain: &Chain<MemoryStore>, evidence: Evidence) -> EvidenceRule {
    let mut input = chain.input();
    input.evidence = vec![evidence.clone()];
    let built = chain.ledger.build(input, []).expect("builds");
    assert_eq!(built.block.evidence.len(), 0);
    let (id, rule) = built.refused_evidence.into_iter().next().expect("refused");
    assert_eq!(id, evidence.id());
    match chain.refusal(&block_with(chain, vec![evidence])) {
        InvalidBlock::Evidence { index: 0, rule: judged } => assert_eq!(judged, rule),
        other => panic!("{other:?}"),
    }
    rule
}

fn append_evidence(chain: &mut Chain<MemoryStore>, evidence: &Evidence) {
    let mut input = chain.input();
    input.evidence = vec![evidence.clone()];
    let built = chain.ledger.build(input, []).expect("builds");
    assert_eq!(built.block.evidence.len(), 1);
    chain.validate(&built.block).expect("what is built is valid");
    chain.commit(built);
}

#[test]
fn evidence_is_recorded_in_the_state() {
    let mut chain = Chain::begun();
    let evidence = equivocation(&chain.chain_id(), validator(3), 1);
    append_evidence(&mut chain, &evidence);
    let name = StateName::Evidence(evidence.id());
    let answer = chain.ledger.reader().status(&[name]).expect("reads");
    assert!(answer.records[0].is_some());
}

#[test]
fn evidence_convicts_its_validator() {
    let chain = Chain::begun();
    let Evidence::Votes(one, mut other) = equivocation(&chain.chain_id(), validator(3), 1) else {
        unreachable!("of votes")
    };
    other.signature.0[0] ^= 1;
    let rule = refused_everywhere(&chain, Evidence::of_votes(one, other));
    let address = public(validator(3)).address();
    assert_eq!(rule, EvidenceRule::Invalid(EvidenceError::Signature(address)));
}

#[test]
fn evidence_accuses_a_validator() {
    let chain = Chain::begun();
    let rule = refused_everywhere(&chain, equivocation(&chain.chain_id(), STRANGER, 1));
    assert_eq!(rule, EvidenceRule::NotAValidator(public(STRANGER).address()));
}

#[test]
fn an_offence_is_not_after_the_block() {
    let mut chain = Chain::begun();
    let rule = refused_everywhere(&chain, equivocation(&chain.chain_id(), validator(3), 3));
    assert_eq!(rule, EvidenceRule::Future { height: 3, block_height: 2 });
    let same = equivocation(&chain.chain_id(), validator(3), 2);
    append_evidence(&mut chain, &same);
}

#[test]
fn an_offence_is_not_older_than_the_parameter() {
    let parameters = Parameters { evidence_age_max_blocks: 1, ..Default::default() };
    let mut chain = Chain::with_parameters(parameters);
    chain.append(&[]);
    chain.append(&[]);
    let rule = refused_everywhere(&chain, equivocation(&chain.chain_id(), validator(3), 1));
    assert_eq!(rule, EvidenceRule::TooOld { age_blocks: 2, age_max_blocks: 1 });
    let newer = equivocation(&chain.chain_id(), validator(3), 2);
    append_evidence(&mut chain, &newer);
}

#[test]
fn evidence_is_recorded_once() {
    let mut chain = Chain::begun();
    let evidence = equivocation(&chain.chain_id(), validator(3), 1);
    append_evidence(&mut chain, &evidence);
    let id = evidence.id();
    let rule = refused_everywhere(&chain, evidence);
    assert_eq!(rule, EvidenceRule::AlreadyRecorded { id, height: 2 });
}

#[test]
fn evidence_stands_in_a_block_once() {
    let chain = Chain::begun();
    let evidence = equivocation(&chain.chain_id(), validator(3), 1);
    let id = evidence.id();
    let block = block_with(&chain, vec![evidence.clone(), evidence.clone()]);
    let rule = EvidenceRule::Repeated(id);
    assert_eq!(chain.refusal(&block), InvalidBlock::Evidence { index: 1, rule: rule.clone() });
    let mut input = chain.input();
    input.evidence = vec![evidence.clone(), evidence];
    let built = chain.ledger.build(input, []).expect("builds");
    assert_eq!(built.refused_evidence, [(id, rule)]);
    assert_eq!(built.block.evidence.len(), 1);
}
