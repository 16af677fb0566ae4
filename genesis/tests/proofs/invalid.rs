//! Proofs that decode and do not hold, one for each rule and more.

use std::fmt::Debug;

use serde_json::{Value, json};
use vouchsafe_genesis::read_proof;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::log::PathHashes;
use vouchsafe_types::proof::{AssetSubject, Older, Proof, ProofEvents, ReceiptSubject, Subject};
use vouchsafe_types::record::{Event, OrganizationStatuses};
use vouchsafe_types::set_change::{SetChange, SetChanges};
use vouchsafe_types::state_tree::{EMPTY, ProofHashes, ProofLeaves, ShapeBytes, StateLeaf};
use vouchsafe_types::status::Status;
use vouchsafe_types::vote::VoteKind;

use crate::valid::verifier;
use crate::world::{self, NEWEST, World, absent, asset, notarize, precommit, set, sign, signed};

/// The names of an error's variants, from the outermost in: `Certificate.Power`.
pub(crate) fn name(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    // What stands in quotation marks is data.
    let bare: String = text.replace("\\\"", "'").split('"').step_by(2).collect();
    let words = bare.split(|c: char| !c.is_ascii_alphanumeric());
    let data = ["ChainId", "Address", "BlockId", "AssetKey", "Bytes", "Directory", "Some", "None"];
    let names = words.filter(|w| w.starts_with(|c: char| c.is_ascii_uppercase()));
    names.filter(|w| !data.contains(w)).collect::<Vec<_>>().join(".")
}

/// What a file is refused for, under a world's genesis.
pub(crate) fn refusal(world: &World, bytes: &[u8], asked: Option<AssetKey>) -> Result<(), String> {
    let proof = read_proof(bytes).map_err(|error| name(&error))?;
    let shown = proof.verify(&verifier(world)).map_err(|error| name(&error))?;
    match asked {
        Some(asked) => shown.about(&asked).map(drop).map_err(|error| name(&error)),
        None => Ok(()),
    }
}

/// One refusal; the rule found must be the one expected.
pub(crate) fn refused(world: &World, about: &str, bytes: &[u8], expected: &str) -> Value {
    assert_eq!(refusal(world, bytes, None), Err(expected.to_owned()), "{about}");
    json!({"about": about, "genesis": 0, "binary": hex::encode(bytes), "error": expected})
}

/// Proofs to begin from, and the list that grows.
struct Refusals {
    world: World,
    cases: Vec<Value>,
}

impl Refusals {
    fn add(&mut self, about: &str, expected: &str, proof: Proof, change: impl FnOnce(&mut Proof)) {
        let mut proof = proof;
        change(&mut proof);
        self.cases.push(refused(&self.world, about, &proof.to_bytes(), expected));
    }

    fn hello(&self, height: u64) -> Proof {
        self.world.asset_proof(height, hello(), false)
    }
}

fn hello() -> AssetKey {
    asset("hello", Scheme::Bytes).key()
}

fn asset_of(proof: &mut Proof) -> &mut AssetSubject {
    match &mut proof.subject {
        Subject::Asset(asset) => asset,
        Subject::Receipt(_) => panic!("the proof is of an asset"),
    }
}

fn receipt_of(proof: &mut Proof) -> &mut ReceiptSubject {
    match &mut proof.subject {
        Subject::Receipt(receipt) => receipt,
        Subject::Asset(_) => panic!("the proof is of a receipt"),
    }
}

fn changes(proof: &mut Proof, change: impl FnOnce(&mut Vec<SetChange>)) {
    let mut list = proof.changes.clone().into_inner();
    change(&mut list);
    proof.changes = SetChanges::new(list).expect("few");
}

fn signatures(certificate: &mut CommitCertificate, change: impl FnOnce(&mut Vec<CommitSignature>)) {
    let mut list = certificate.signatures.clone().into_inner();
    change(&mut list);
    certificate.signatures = CommitSignatures::new(list).expect("few");
}

fn path(path: &mut PathHashes, change: impl FnOnce(&mut Vec<Digest>)) {
    let mut list = path.clone().into_inner();
    change(&mut list);
    *path = PathHashes::new(list).expect("few");
}

fn chains(refusals: &mut Refusals) {
    let other = world::all().remove(1);
    refusals.add("a proof of another chain", "Chain", other.asset_proof(3, hello(), false), |_| ());
    refusals.add("another chain's id on it", "Chain", refusals.hello(3), |p| {
        p.chain_id = other.genesis.chain_id();
    });
    refusals.add("another chain's header", "Chain", refusals.hello(3), |p| {
        p.header = other.header(3);
    });
    refusals.add("another chain's change", "Chain", refusals.hello(NEWEST), |p| {
        changes(p, |list| list[0] = other.change(4));
    });
    let older = refusals.world.made_older(refusals.hello(2), NEWEST);
    refusals.add("another chain's older header", "Chain", older, |p| {
        p.older.as_mut().expect("there").header = other.header(2);
    });
}

fn sets(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let newest = || world.asset_proof(NEWEST, hello(), false);
    refusals.add("no changes where there were two", "Validators", newest(), |p| {
        changes(p, Vec::clear);
    });
    refusals.add("the last change left out", "Validators", newest(), |p| {
        changes(p, |list| list.truncate(list.len() - 1));
    });
    refusals.add("the first change left out", "Validators", newest(), |p| {
        changes(p, |list| {
            list.remove(0);
        });
    });
    refusals.add("the changes in the other order", "Validators", newest(), |p| {
        changes(p, |list| list.reverse());
    });
    refusals.add("a change twice", "Stale", newest(), |p| {
        changes(p, |list| list.insert(1, list[0].clone()));
    });
    refusals.add("a header below the last change", "Stale", refusals.hello(3), |p| {
        *p = Proof { changes: newest().changes, ..p.clone() };
    });
    refusals.add("the header of the last change itself", "Stale", refusals.hello(4), |p| {
        changes(p, |list| list.push(world.change(4)));
    });
    refusals.add("another set than the change names", "NextValidators", newest(), |p| {
        changes(p, |list| list[0].validators = set(world.powers(NEWEST)));
    });
    refusals.add("a set with one power changed", "NextValidators", newest(), |p| {
        let mut powers = world.powers(5).clone();
        powers[0].1 += 1;
        changes(p, |list| list[0].validators = set(&powers));
    });
    refusals.add("a change that changes nothing", "NoChange", refusals.hello(3), |p| {
        let (header, certificate) = (world.header(2), world.certificate(2));
        let validators = set(world.powers(2));
        let change = SetChange { header, certificate, validators };
        changes(p, |list| list.push(change));
    });
    refusals.add(
        "a change certified by the new set",
        "Certificate.UnknownValidator",
        newest(),
        |p| {
            let seeds: Vec<u8> = world.powers(5).iter().map(|(seed, _)| *seed).collect();
            changes(p, |list| list[0].certificate = world.certificate_of(&world.header(4), &seeds));
        },
    );
    refusals.add("a change certified by half", "Certificate.Power", newest(), |p| {
        changes(p, |list| list[0].certificate = world.certificate_of(&world.header(4), &[21, 22]));
    });
    refusals.add("the old set certifies on", "Certificate.UnknownValidator", newest(), |p| {
        p.certificate = world.certificate_of(&p.header, &[21, 22, 23, 24]);
    });
}

fn certificates(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let hello = || world.asset_proof(3, hello(), false);
    refusals.add("another height's certificate", "OtherBlock", hello(), |p| {
        p.certificate = world.certificate(2);
    });
    refusals.add("a certificate of another height in words", "OtherBlock", hello(), |p| {
        p.certificate.height = 2;
    });
    refusals.add("a certificate of another block in words", "OtherBlock", hello(), |p| {
        p.certificate.block_id = world.header(2).block_id();
    });
    refusals.add("a header with another time", "OtherBlock", hello(), |p| p.header.time_ms += 1);
    refusals.add("a header with another state root", "OtherBlock", hello(), |p| {
        p.header.state_root = EMPTY;
    });
    refusals.add("signatures out of order", "Certificate.Order", hello(), |p| {
        signatures(&mut p.certificate, |list| list.swap(0, 1));
    });
    refusals.add("one signature twice", "Certificate.Order", hello(), |p| {
        signatures(&mut p.certificate, |list| {
            let again = list[0].clone();
            list.insert(0, again);
        });
    });
    refusals.add(
        "a stranger's signature beside enough",
        "Certificate.UnknownValidator",
        hello(),
        |p| {
            p.certificate = world.certificate_of(&p.header, &[21, 22, 23, 24, 25]);
        },
    );
    refusals.add("two of four", "Certificate.Power", hello(), |p| {
        p.certificate = world.certificate_of(&p.header, &[21, 22]);
    });
    refusals.add("a changed signature", "Certificate.Signature", hello(), |p| {
        signatures(&mut p.certificate, |list| list[2].signature.0[5] ^= 1);
    });
    refusals.add("one false signature beside enough", "Certificate.Signature", hello(), |p| {
        signatures(&mut p.certificate, |list| list[3].signature = list[0].signature);
    });
    refusals.add("another round", "Certificate.Signature", hello(), |p| p.certificate.round = 1);
    for (about, kind, block) in [
        ("a prevote in a precommit's place", VoteKind::Prevote, true),
        ("a vote for nothing", VoteKind::Precommit, false),
    ] {
        refusals.add(about, "Certificate.Signature", hello(), |p| {
            let (seed, block_id) = (world.powers(3)[0].0, p.certificate.block_id);
            let mut vote = precommit(3, block_id, seed);
            (vote.kind, vote.block_id) = (kind, block.then_some(block_id));
            let signature = sign(seed, &vote.preimage(&p.chain_id));
            signatures(&mut p.certificate, |list| {
                let entry = list.iter_mut().find(|entry| entry.address == vote.address);
                entry.expect("signed").signature = signature;
            });
        });
    }
    refusals.add("s with the group's order added", "Certificate.Signature", hello(), |p| {
        signatures(&mut p.certificate, |list| {
            list[0].signature = crate::crafted::unreduced(&list[0].signature);
        });
    });
}

fn older(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let older = || world.made_older(world.asset_proof(2, hello(), false), NEWEST);
    let mut add = |about, expected, change: &dyn Fn(&mut Older)| {
        refusals.add(about, expected, older(), |p| change(p.older.as_mut().expect("there")));
    };
    add("another place for the older header", "OlderPlace", &|o| o.inclusion.index = 2);
    add("a history of another length", "OlderPlace", &|o| o.inclusion.size = NEWEST);
    add("an older header of height 0", "OlderPlace", &|o| o.header.height = 0);
    add("an older header of height 3 in height 2's place", "OlderPlace", &|o| {
        o.header = world.header(3);
    });
    add("an older header that was changed", "Older.Root", &|o| o.header.time_ms += 1);
    add("another older header and its place", "Older.Root", &|o| {
        o.header = world.header(3);
        o.inclusion.index = 2;
    });
    add("an older header above the newer", "Older.Index", &|o| {
        o.header = world.header(NEWEST);
        o.inclusion.index = NEWEST - 1;
    });
    add("a path to the older header cut short", "Older.PathLength", &|o| {
        path(&mut o.inclusion.path, |list| list.truncate(list.len() - 1));
    });
    add("a longer path to the older header", "Older.PathLength", &|o| {
        path(&mut o.inclusion.path, |list| list.push(EMPTY));
    });
    add("a path in another order", "Older.Root", &|o| {
        path(&mut o.inclusion.path, |list| list.swap(0, 1));
    });
}

fn states(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let proof = |key| world.asset_proof(3, key, false);
    let mut add = |about, expected, key, change: &dyn Fn(&mut AssetSubject)| {
        refusals.add(about, expected, proof(key), |p| change(asset_of(p)));
    };
    add("a record that was changed", "State.Value", hello(), &|a| {
        a.record.as_mut().expect("there").events.count += 1;
    });
    add("a revocation made a trust", "State.Value", asset("evil", Scheme::Bytes).key(), &|a| {
        let record = a.record.as_mut().expect("there");
        let mut list = record.organizations.clone().into_inner();
        (list[0].status, list[0].reason) = (Status::Trusted, None);
        record.organizations = OrganizationStatuses::new(list).expect("few");
    });
    add("a revocation called absent", "State.Present", asset("evil", Scheme::Bytes).key(), &|a| {
        a.record = None;
    });
    let record = asset_of(&mut proof(hello())).record.clone();
    for (about, number) in [
        ("a record for what has none", 100),
        ("a record for something else that has none", 101),
        ("a record for a third that has none", 102),
    ] {
        add(about, "State.Absent", absent(number), &|a| a.record = record.clone());
    }
    add("a leaf away from its path", "State.Misplaced", hello(), &|a| {
        let mut leaf = a.state_proof.leaves[0];
        leaf.key.0[0] ^= 0x80;
        a.state_proof.leaves = ProofLeaves::new(vec![leaf]).expect("one");
    });
    add("the proof of another asset", "State.Misplaced", hello(), &|a| {
        let others = world.asset_proof(3, asset("evil", Scheme::Bytes).key(), false);
        let Subject::Asset(others) = others.subject else { panic!("of an asset") };
        a.state_proof = others.state_proof;
    });
}

fn state_proofs(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let proof = |key| world.asset_proof(3, key, false);
    let mut add = |about, expected, key, change: &dyn Fn(&mut AssetSubject)| {
        refusals.add(about, expected, proof(key), |p| change(asset_of(p)));
    };
    add("a shape cut short", "State.Shape", hello(), &|a| {
        a.state_proof.shape = ShapeBytes::new(vec![a.state_proof.shape[0]]).expect("one");
    });
    add("a shape that is far too long", "State.LeftOver", hello(), &|a| {
        a.state_proof.shape = ShapeBytes::new(vec![0xaa; 200]).expect("few");
    });
    add("a hash that nothing needs", "State.LeftOver", hello(), &|a| {
        let mut list = a.state_proof.hashes.clone().into_inner();
        list.push(world.header(2).state_root);
        a.state_proof.hashes = ProofHashes::new(list).expect("few");
    });
    add("a leaf that nothing needs", "State.LeftOver", hello(), &|a| {
        let mut list = a.state_proof.leaves.clone().into_inner();
        list.push(list[0]);
        a.state_proof.leaves = ProofLeaves::new(list).expect("few");
    });
    add("a byte of shape that nothing needs", "State.LeftOver", hello(), &|a| {
        let mut list = a.state_proof.shape.clone().into_inner();
        list.push(0);
        a.state_proof.shape = ShapeBytes::new(list).expect("few");
    });
    add("a last bit of filling set", "State.LeftOver", hello(), &|a| {
        let mut list = a.state_proof.shape.clone().into_inner();
        *list.last_mut().expect("one") |= 1;
        a.state_proof.shape = ShapeBytes::new(list).expect("few");
    });
    add("an empty place given as a hash", "State.NotCanonical", hello(), &|a| {
        let mut list = a.state_proof.hashes.clone().into_inner();
        list[0] = EMPTY;
        a.state_proof.hashes = ProofHashes::new(list).expect("few");
    });
    add("sibling hashes in another order", "State.Root", hello(), &|a| {
        let mut list = a.state_proof.hashes.clone().into_inner();
        list.swap(0, 1);
        a.state_proof.hashes = ProofHashes::new(list).expect("few");
    });
    add("a leaf's value exchanged for its hash", "State.Value", hello(), &|a| {
        let leaf = a.state_proof.leaves[0];
        let value_hash = vouchsafe_types::state_tree::leaf_hash(&leaf);
        let swapped = vec![StateLeaf { value_hash, ..leaf }];
        a.state_proof.leaves = ProofLeaves::new(swapped).expect("one");
    });
    add("no leaf where one is", "State.Shape", hello(), &|a| {
        a.state_proof.leaves = ProofLeaves::new(vec![]).expect("none");
    });
    let before = world.asset_proof(2, hello(), false);
    refusals.add("a state before the asset was notarized", "State.Root", refusals.hello(1), |p| {
        p.subject = before.subject;
    });
}

fn logs(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let history = || world.asset_proof(3, asset("mixed", Scheme::Image).key(), true);
    let mut add = |about, expected, change: &dyn Fn(&mut Vec<Event>)| {
        refusals.add(about, expected, history(), |p| {
            let asset = asset_of(p);
            let mut list = asset.events.clone().expect("asked for").into_inner();
            change(&mut list);
            asset.events = Some(ProofEvents::new(list).expect("few"));
        });
    };
    add("an event left out", "IncompleteLog", &|list| drop(list.remove(1)));
    add("all events left out", "IncompleteLog", &|list| list.clear());
    add("an event twice", "IncompleteLog", &|list| list.push(list[0].clone()));
    add("an event exchanged for another", "OtherLog", &|list| list[1] = list[0].clone());
    add("events in another order", "OtherLog", &|list| list.swap(0, 1));
    add("an event that was changed", "OtherLog", &|list| list[3].height += 1);
    let events = asset_of(&mut history()).events.clone();
    refusals.add(
        "events of an asset without any",
        "IncompleteLog",
        world.asset_proof(3, absent(100), true),
        |p| asset_of(p).events = events,
    );
}

fn receipts(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let chain_id = world.genesis.chain_id();
    let mut add = |about, expected, change: &dyn Fn(&mut ReceiptSubject)| {
        refusals.add(about, expected, world.receipt(1), |p| change(receipt_of(p)));
    };
    add("another transaction", "Inclusion.Root", &|r| {
        r.transaction = world.transactions[0].clone()
    });
    add("a transaction that is not there", "Inclusion.Root", &|r| {
        r.transaction = signed(&chain_id, 1, vec![notarize(vec![asset("new", Scheme::Bytes)])]);
    });
    add("another index", "Inclusion.Root", &|r| r.inclusion.index = 0);
    add("an index beyond the block", "Inclusion.Index", &|r| r.inclusion.index = 3);
    add("another size", "TransactionCount", &|r| r.inclusion.size = 4);
    add("a path cut short", "Inclusion.PathLength", &|r| {
        path(&mut r.inclusion.path, |list| list.truncate(list.len() - 1));
    });
    add("a path made longer", "Inclusion.PathLength", &|r| {
        path(&mut r.inclusion.path, |list| list.push(EMPTY));
    });
    add("a changed path", "Inclusion.Root", &|r| {
        path(&mut r.inclusion.path, |list| list[0] = EMPTY)
    });
    add("a changed signature of a transaction", "Transaction.Signature", &|r| {
        r.transaction.signature.0[0] ^= 1;
    });
    add("a transaction signed for another chain", "Transaction.Signature", &|r| {
        r.transaction = world::all()[1].transactions[1].clone();
    });
    add("another's key on a transaction", "Transaction.Signature", &|r| {
        r.transaction.public_key = world::public(1);
    });
    add("a key of small order", "Transaction.PublicKey.SmallOrder", &|r| {
        r.transaction.public_key = PublicKey(EMPTY.0);
    });
    add("an asset twice in a transaction", "Transaction.RepeatedAsset", &|r| {
        let twice = vec![asset("hello", Scheme::Bytes), asset("hello", Scheme::Bytes)];
        r.transaction = signed(&chain_id, 1, vec![notarize(twice)]);
    });
    add("a body that goes on", "Transaction.Body.TrailingBytes", &|r| {
        let body = [&world.transactions[1].body[..], &[0]].concat();
        r.transaction = world::signed_bytes(&chain_id, 1, body);
    });
    add("a body of an unknown version", "Transaction.Body.UnknownVersion", &|r| {
        let body = [&[2], &world.transactions[1].body[1..]].concat();
        r.transaction = world::signed_bytes(&chain_id, 1, body);
    });
}

fn asked(refusals: &mut Refusals) {
    let world = refusals.world.clone();
    let mut add = |about: &str, proof: Proof, asked: AssetKey| {
        let bytes = proof.to_bytes();
        assert_eq!(refusal(&world, &bytes, Some(asked)), Err("OtherAsset".into()), "{about}");
        let asset = json!({"scheme": asked.scheme.name(), "digest": asked.digest.to_string()});
        refusals.cases.push(json!({
            "about": about, "genesis": 0, "binary": hex::encode(bytes), "asset": asset,
            "error": "OtherAsset",
        }));
    };
    let evil = asset("evil", Scheme::Bytes).key();
    add("a trusted asset's proof for a revoked one", world.asset_proof(3, hello(), false), evil);
    let directory = asset("hello", Scheme::Directory).key();
    add("a file's proof for a directory", world.asset_proof(3, hello(), false), directory);
    add("a receipt for an asset it does not name", world.receipt(0), evil);
}

/// Every case.
pub(crate) fn all() -> Vec<Value> {
    let world = world::all().remove(0);
    let mut refusals = Refusals { world, cases: Vec::new() };
    for group in [chains, sets, certificates, older, states, state_proofs, logs, receipts, asked] {
        group(&mut refusals);
    }
    refusals.cases
}
