//! All that an engine's future depends on, as one number.
//!
//! The engine beneath can be neither copied nor compared, but it shows everything it holds. Left
//! out is only what changes no vote: which signatures verified before, the clock's reading at the
//! start of the height, what is watched for contradictions of others, and the order in which votes
//! arrived. Of that order only certificates are made, and those are sorted before they leave.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};

use arc_malachitebft_core_types::NilOrVal;

use crate::engine::Engine;

/// Hashes what is written to it.
struct Text(DefaultHasher);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// The number of anything that hashes: the same in every run.
pub(super) fn digest_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The engine's number.
pub(super) fn digest(engine: &Engine) -> u64 {
    let mut text = Text(DefaultHasher::new());
    write_machine(engine, &mut text).expect("hashing cannot fail");
    text.0.finish()
}

fn write_machine(engine: &Engine, text: &mut Text) -> fmt::Result {
    let machine = &engine.machine;
    let handler = &machine.handler;
    let own = (machine.phase, machine.demanded, machine.stopped, machine.left_round);
    write!(text, "{own:?}{:?}", machine.early)?;
    write!(text, "{:?}{:?}{}", handler.guard, handler.certified, handler.is_signing())?;
    assert!(handler.effects.is_empty() && handler.replayed.is_empty(), "between two inputs");
    let core = &machine.core;
    assert!(!core.is_replaying_wal(), "between two inputs");
    write!(text, "{:?}{}", core.full_proposal_keeper, core.params.enabled)?;
    write!(text, "{:?}{:?}", core.last_signed_prevote, core.last_signed_precommit)?;
    write!(text, "{}", core.finalization_period)?;
    let driver = &core.driver;
    write!(text, "{:?}{:?}", driver.round_state(), driver.proposals())?;
    write!(text, "{:?}{:?}", driver.pending_inputs(), driver.proposer_address())?;
    write!(text, "{:?}{:?}", driver.last_prevote(), driver.last_precommit())?;
    write!(text, "{:?}", driver.votes().evidence())?;
    for (round, votes) in driver.votes().all_rounds() {
        let received = votes
            .received_votes()
            .iter()
            .map(|vote| (vote.message.kind, vote.message.address, block_of(&vote.message.value)));
        let received: BTreeSet<_> = received.collect();
        write!(text, "{round:?}{received:?}{:?}", votes.emitted_outputs())?;
    }
    // Certificates: who signed is in the votes, or in what the certificate alone brought.
    for polka in driver.polka_certificates() {
        let signers: BTreeSet<_> = polka.polka_signatures.iter().map(|s| s.address).collect();
        write!(text, "{:?}{:?}{signers:?}", polka.round, polka.value_id)?;
    }
    for commit in driver.commit_certificates() {
        let signers: BTreeSet<_> = commit.commit_signatures.iter().map(|s| s.address).collect();
        write!(text, "{:?}{:?}{signers:?}", commit.round, commit.value_id)?;
    }
    if let Some(entered) = driver.round_certificate() {
        let certificate = &entered.certificate;
        let votes = certificate.round_signatures.iter();
        let votes = votes.map(|s| (s.vote_type, s.address, block_of(&s.value_id)));
        let votes: BTreeSet<_> = votes.collect();
        let from = (certificate.round, &certificate.cert_type, entered.enter_round);
        write!(text, "{from:?}{votes:?}")?;
    }
    Ok(())
}

/// What a vote is for, in an order.
fn block_of<Id: Copy>(value: &NilOrVal<Id>) -> Option<Id> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(*id),
    }
}
