//! One test for each rule of a transaction: at admission, left out of a block that is built, and
//! in a block that is judged.

use vouchsafe_genesis::Parameters;
use vouchsafe_ledger::{AdmitError, InvalidBlock, MemoryStore, Rule};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::transaction::{TransactionError, VerifiedTransaction};

use crate::chain::*;

type TestChain = Chain<MemoryStore>;

fn admission(chain: &TestChain, transaction: &VerifiedTransaction) -> Result<(), Rule> {
    match chain.ledger.admit(transaction, chain.next_time_ms()) {
        Ok(_) => Ok(()),
        Err(AdmitError::Rule(rule)) => Err(rule),
        Err(AdmitError::Store(error)) => panic!("{error}"),
    }
}

/// The rule by which a block of these transactions is invalid; the last one breaks it.
fn judged(chain: &TestChain, transactions: &[VerifiedTransaction]) -> Rule {
    let signed = transactions.iter().map(|t| t.signed().clone()).collect();
    match chain.refusal(&chain.block_with(signed)) {
        InvalidBlock::Transaction { index, rule } => {
            assert_eq!(index, transactions.len() - 1);
            rule
        }
        other => panic!("{other:?}"),
    }
}

/// Admission, building and judging name the same rule.
fn refused_everywhere(chain: &TestChain, transaction: VerifiedTransaction) -> Rule {
    let rule = admission(chain, &transaction).expect_err("refused");
    let built = chain.build(std::slice::from_ref(&transaction));
    assert_eq!(built.refused, [(transaction.id(), rule.clone())]);
    assert_eq!(built.block.transactions.len(), 0);
    assert_eq!(judged(chain, &[transaction]), rule);
    rule
}

fn accepted_everywhere(chain: &TestChain, transaction: &VerifiedTransaction) {
    assert_eq!(admission(chain, transaction), Ok(()));
    let built = chain.build(std::slice::from_ref(transaction));
    assert_eq!(built.refused, []);
    assert!(chain.validate(&built.block).is_ok());
}

#[test]
fn a_valid_transaction_is_admitted_built_and_judged_valid() {
    let chain = TestChain::new();
    accepted_everywhere(&chain, &chain.sign(ALICE, vec![notarize(&["a"])]));
}

#[test]
fn a_block_with_a_bad_signature_is_invalid() {
    let chain = TestChain::new();
    let good = chain.sign(ALICE, vec![notarize(&["a"])]).signed().clone();
    let mut forged = chain.sign(BOB, vec![notarize(&["a"])]).signed().clone();
    forged.signature.0[40] ^= 1;
    let refusal = chain.refusal(&chain.block_with(vec![good, forged]));
    let rule = Rule::Form(TransactionError::Signature(chain.chain_id()));
    assert_eq!(refusal, InvalidBlock::Transaction { index: 1, rule });
}

#[test]
fn a_block_with_a_transaction_of_bad_form_is_invalid() {
    let chain = TestChain::new();
    let twice = vec![notarize(&["a"]), deprecate(&["a"])];
    let signed = sign(&chain.chain_id(), ALICE, twice, chain.next_time_ms() + 1);
    let refusal = chain.refusal(&chain.block_with(vec![signed]));
    let rule = Rule::Form(TransactionError::RepeatedAsset(asset("a").digest));
    assert_eq!(refusal, InvalidBlock::Transaction { index: 0, rule });
}

#[test]
fn a_signature_for_another_chain_is_refused() {
    let chain = TestChain::new();
    let other = genesis_of("other", Parameters::default()).chain_id();
    let signed = sign(&other, ALICE, vec![notarize(&["a"])], chain.next_time_ms() + 1);
    let rule = Rule::Form(TransactionError::Signature(chain.chain_id()));
    let refusal = chain.refusal(&chain.block_with(vec![signed]));
    assert_eq!(refusal, InvalidBlock::Transaction { index: 0, rule });
}

#[test]
fn a_committed_transaction_is_refused_with_its_place() {
    let mut chain = TestChain::begun();
    let (first, second) =
        (chain.sign(BOB, vec![notarize(&["b"])]), chain.sign(ALICE, vec![notarize(&["a"])]));
    let height = chain.append(&[first, second.clone()]);
    let rule = refused_everywhere(&chain, second);
    assert_eq!(rule, Rule::AlreadyCommitted { height, index: 1 });
}

#[test]
fn a_committed_transaction_keeps_its_receipt_after_its_expiry() {
    let mut chain = TestChain::new();
    let expiry_ms = chain.next_time_ms() + 500;
    let transaction = chain.sign_until(ALICE, vec![notarize(&["a"])], expiry_ms);
    chain.append(std::slice::from_ref(&transaction));
    chain.append(&[]);
    assert!(chain.ledger.head().time_ms > expiry_ms);
    let place = Rule::AlreadyCommitted { height: 1, index: 0 };
    assert_eq!(admission(&chain, &transaction), Err(place));
    assert!(matches!(judged(&chain, &[transaction]), Rule::Expired { .. }));
}

#[test]
fn a_transaction_stands_in_a_block_once() {
    let chain = TestChain::new();
    let transaction = chain.sign(ALICE, vec![notarize(&["a"])]);
    let twice = [transaction.clone(), transaction.clone()];
    assert_eq!(judged(&chain, &twice), Rule::RepeatedInBlock);
    assert_eq!(chain.build(&twice).refused, [(transaction.id(), Rule::RepeatedInBlock)]);
}

#[test]
fn a_transaction_is_valid_only_before_its_expiry() {
    let chain = TestChain::new();
    let time_ms = chain.next_time_ms();
    let at = |expiry_ms| chain.sign_until(ALICE, vec![notarize(&["a"])], expiry_ms);
    accepted_everywhere(&chain, &at(time_ms + 1));
    let rule = refused_everywhere(&chain, at(time_ms));
    assert_eq!(rule, Rule::Expired { expiry_ms: time_ms, time_ms });
}

#[test]
fn an_expiry_is_within_the_window() {
    let chain = TestChain::new();
    let latest_ms = chain.next_time_ms() + chain.genesis.parameters().expiry_window_ms;
    let at = |expiry_ms| chain.sign_until(ALICE, vec![notarize(&["a"])], expiry_ms);
    accepted_everywhere(&chain, &at(latest_ms));
    let rule = refused_everywhere(&chain, at(latest_ms + 1));
    assert_eq!(rule, Rule::ExpiryTooFar { expiry_ms: latest_ms + 1, latest_ms });
    assert!(matches!(refused_everywhere(&chain, at(u64::MAX)), Rule::ExpiryTooFar { .. }));
}

#[test]
fn only_signers_of_the_chain_sign() {
    let chain = TestChain::new();
    let rule = refused_everywhere(&chain, chain.sign(STRANGER, vec![notarize(&["a"])]));
    assert_eq!(rule, Rule::UnknownSigner { signer: fingerprint(&public(STRANGER)) });
    // Neither a validator nor an admin key of the organization is a signer by that.
    for seed in [validator(0), 50] {
        let rule = refused_everywhere(&chain, chain.sign(seed, vec![notarize(&["a"])]));
        assert!(matches!(rule, Rule::UnknownSigner { .. }));
    }
}

#[test]
fn a_signers_last_time_is_inclusive() {
    let mut chain = TestChain::new();
    while chain.next_time_ms() < CAROL_NOT_AFTER_MS {
        chain.append(&[]);
    }
    assert_eq!(chain.next_time_ms(), CAROL_NOT_AFTER_MS);
    accepted_everywhere(&chain, &chain.sign(CAROL, vec![notarize(&["a"])]));
    chain.append(&[]);
    let rule = refused_everywhere(&chain, chain.sign(CAROL, vec![notarize(&["a"])]));
    let time_ms = CAROL_NOT_AFTER_MS + 1_000;
    let signer = fingerprint(&public(CAROL));
    assert_eq!(rule, Rule::SignerEnded { signer, not_after_ms: CAROL_NOT_AFTER_MS, time_ms });
}

fn compromised() -> TestChain {
    let mut chain = TestChain::new();
    chain.append(&[chain.sign(ALICE, vec![compromise(&["a"])])]);
    chain
}

#[test]
fn only_an_admin_trusts_again_what_was_compromised() {
    let chain = compromised();
    let rule = refused_everywhere(&chain, chain.sign(ALICE, vec![notarize(&["b", "a"])]));
    let (asset, organization) = (asset("a").digest, organization("acme"));
    assert_eq!(rule, Rule::TrustNeedsAdmin { asset, organization });
    accepted_everywhere(&chain, &chain.sign(ADA, vec![notarize(&["a"])]));
    // What acme says binds nobody else.
    accepted_everywhere(&chain, &chain.sign(BOB, vec![notarize(&["a"])]));
}

#[test]
fn what_is_compromised_is_not_revoked_again_even_by_an_admin() {
    let chain = compromised();
    for (signer, operation) in [
        (ALICE, compromise(&["a"])),
        (ALICE, deprecate(&["a"])),
        (ADA, compromise(&["a"])),
        (ADA, deprecate(&["a"])),
    ] {
        let rule = refused_everywhere(&chain, chain.sign(signer, vec![operation]));
        let (asset, organization) = (asset("a").digest, organization("acme"));
        assert_eq!(rule, Rule::AlreadyUntrusted { asset, organization });
    }
    accepted_everywhere(&chain, &chain.sign(BOB, vec![deprecate(&["a"])]));
}

#[test]
fn a_refused_transaction_changes_nothing_though_its_first_assets_could_be_applied() {
    let chain = compromised();
    let empty = chain.build(&[]).block.header.state_root;
    let half = chain.sign(ALICE, vec![notarize(&["new"]), deprecate(&["a"])]);
    assert_eq!(chain.build(&[half]).block.header.state_root, empty);
}

#[test]
fn transitions_see_earlier_transactions_of_the_same_block() {
    let chain = TestChain::new();
    let first = chain.sign(ALICE, vec![compromise(&["a"])]);
    let second = chain.sign(ALICE, vec![notarize(&["a"])]);
    let third = chain.sign(ADA, vec![notarize(&["a"])]);
    assert!(matches!(
        judged(&chain, &[first.clone(), second.clone()]),
        Rule::TrustNeedsAdmin { .. }
    ));
    let built = chain.build(&[first, second.clone(), third]);
    assert_eq!(built.block.transactions.len(), 2);
    assert_eq!(built.refused[0].0, second.id());
    assert!(chain.validate(&built.block).is_ok());
}
