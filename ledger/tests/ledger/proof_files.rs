//! Proof files made from a store lead from the genesis document, through every change of the set,
//! to what the ledger says.

use vouchsafe_genesis::Parameters;
use vouchsafe_ledger::{BlockLog, Ledger, MemoryStore, RocksStore, StoreWrite, Terms};
use vouchsafe_types::proof::{Shown, ShownSubject};
use vouchsafe_types::status::Status;
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::verifier::{ProofError, Verifier};

use crate::chain::*;

/// The first three validators, with these powers.
fn three(powers: [u64; 3]) -> std::sync::Arc<ValidatorSet> {
    let member = |(index, power): (usize, u64)| Validator {
        public_key: public(validator(index)),
        power,
        organization: organization("acme"),
    };
    let members = powers.into_iter().enumerate().map(member).collect();
    ValidatorSet::new(members).expect("a set").into()
}

/// A chain whose set changes twice, opened anew after each block, and a verifier of its genesis.
fn changing<S: StoreWrite + Clone>(store: S) -> (Chain<S>, Verifier) {
    let sets = [(4, three([1, 1, 1])), (6, three([3, 1, 2]))];
    let terms = Terms { validator_sets: sets.into(), ..Terms::default() };
    let genesis = genesis_of("changing", Parameters::default());
    let verifier = Verifier::new(genesis.chain_id(), genesis.validator_set().clone());
    let open = |store: S| Ledger::open_under(terms.clone(), &genesis, store).expect("opens");
    let ledger = open(store.clone());
    let mut chain = Chain { genesis: genesis.clone(), store, ledger };
    for height in 1..=8 {
        let label = format!("of height {height}");
        chain.append(&[chain.sign(ALICE, vec![notarize(&[&label])])]);
        chain.ledger = open(chain.store.clone());
    }
    (chain, verifier)
}

fn status(shown: &Shown) -> Option<Status> {
    match &shown.subject {
        ShownSubject::Asset { record, .. } => {
            record.as_ref().map(|record| record.organizations[0].status)
        }
        ShownSubject::Receipt { .. } => panic!("asked for a status"),
    }
}

fn leads_from_the_genesis<S: StoreWrite + Clone>(store: S) {
    let (mut chain, verifier) = changing(store);
    let (reader, log) = (chain.ledger.reader(), BlockLog::default());
    for height in 1..=8 {
        let key = asset_key(&format!("of height {height}"));
        let proof = reader.asset_proof(key, true).expect("made");
        assert_eq!(proof.changes.len(), 2);
        let shown = proof.clone().verify(&verifier).expect("it holds").about(&key).expect("it is");
        assert_eq!((shown.header.height, status(&shown)), (8, Some(Status::Trusted)));
        // Whoever is led by one change alone is not led to this header.
        let after_one = verifier.led(&proof.changes[0]).expect("it holds");
        let error = after_one.proven(proof.header, proof.certificate).map(drop);
        assert_eq!(error, Err(ProofError::Validators { height: 8 }));
        let id = chain.store.block(height).expect("reads").expect("committed");
        let id = vouchsafe_ledger::stored_block(&id).expect("a block").transactions[0].clone();
        let id = verified(&chain.chain_id(), id).id();
        let receipt = reader.receipt_proof(&id, None).expect("made").expect("committed");
        let changes = [4, 6].iter().filter(|from| height >= **from).count();
        assert_eq!(receipt.changes.len(), changes, "before height {height}");
        let shown = receipt.verify(&verifier).expect("it holds");
        assert_eq!(shown.header.height, height);
        assert!(shown.about(&key).is_ok());
        // The same from the newest header, whose certificate is the only one.
        let hung = reader.receipt_proof(&id, Some(&log)).expect("made").expect("committed");
        assert_eq!((hung.changes.len(), hung.older.is_some()), (2, height < 8));
        let shown = hung.verify(&verifier).expect("it holds");
        assert_eq!((shown.header.height, shown.newest.header().height), (height, 8));
        assert!(shown.about(&key).is_ok());
    }
    let nobody = asset_key("nobody spoke of this");
    let absent = reader.asset_proof(nobody, true).expect("made");
    let shown = absent.verify(&verifier).expect("it holds");
    assert_eq!(status(&shown), None);
    let unknown = chain.sign(ALICE, vec![notarize(&["not handed in"])]).id();
    assert_eq!(reader.receipt_proof(&unknown, None).expect("reads"), None);
    chain.append(&[]);
    assert_eq!(reader.asset_proof(nobody, false).expect("made").header.height, 9);
}

#[test]
fn a_proof_file_leads_from_the_genesis_through_every_change_of_the_set() {
    leads_from_the_genesis(MemoryStore::new());
    let folder = tempfile::tempdir().expect("a temporary folder");
    leads_from_the_genesis(RocksStore::open(&folder.path().join("db")).expect("opens"));
}
