//! A verifier that pins a later set instead of the genesis document.

use vouchsafe_types::asset::Scheme;
use vouchsafe_types::proof::Shown;
use vouchsafe_types::set_change::SetChanges;
use vouchsafe_types::verifier::{ProofError, Verifier};

use crate::world::{self, CHANGES_AT, World, asset};

fn pinned(world: &World, above: u64) -> Verifier {
    Verifier::above(world.genesis.chain_id(), world::set(world.powers(above + 1)), above)
}

#[test]
fn a_later_pin_needs_no_earlier_change_and_believes_no_earlier_validator() {
    let world = &world::all()[0];
    let key = asset("hello", Scheme::Bytes).key();
    let last = *CHANGES_AT.last().expect("the set changes");
    let proof = world.asset_proof(last + 1, key, false);
    let genesis = Verifier::new(world.genesis.chain_id(), world.genesis.validator_set().clone());
    let block = |shown: Result<Shown, ProofError>| shown.map(|shown| shown.block_id);
    let shown = block(proof.clone().verify(&genesis));
    assert!(shown.is_ok());
    // From each set on, with the changes before it or without them.
    for above in CHANGES_AT {
        let verifier = pinned(world, above);
        assert_eq!(block(proof.clone().verify(&verifier)), shown);
        let mut shorter = proof.clone();
        let later = proof.changes.iter().filter(|change| change.header.height > above);
        shorter.changes = SetChanges::new(later.cloned().collect()).expect("few");
        assert_eq!(block(shorter.verify(&verifier)), shown);
    }
    // What was true under the validators of before is not believed any more: their keys may leak.
    let old = world.asset_proof(last, key, false);
    let (height, above) = (last, last);
    let stale = Err(ProofError::Stale { height, above });
    assert_eq!(block(old.verify(&pinned(world, last))), stale);
    // Nor does a change of another history lead anywhere.
    let mut astray = proof;
    let mut changes = astray.changes.clone().into_inner();
    changes[0].header.height = last + 1;
    astray.changes = SetChanges::new(changes).expect("few");
    assert!(astray.verify(&pinned(world, last)).is_err());
}
