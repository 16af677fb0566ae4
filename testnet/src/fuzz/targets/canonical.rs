//! Everything that is canonical Borsh: whatever decodes has exactly the bytes it was read from.

use std::fmt::Debug;

use vouchsafe_consensus::message::Envelope;
use vouchsafe_consensus::wal::WalEntry;
use vouchsafe_replica::peer::{
    CompactBlock, Gossip, PeerMessage, RequestEnvelope, ResponseEnvelope, Transactions,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::log::{Frontier, InclusionProof};
use vouchsafe_types::record::{
    Activity, AssetRecord, Event, EvidenceRecord, OrganizationRecord, SignerRecord,
};
use vouchsafe_types::state_tree::StateProof;
use vouchsafe_types::transaction::{Body, SignedTransaction};
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::fuzz::chain::Chain;
use crate::fuzz::target::{Answer, Prepared, Target, must};
use crate::fuzz::vectors;

const PROPERTY: &str =
    "what decodes is within its limit, and encodes to the very bytes it was read from";

macro_rules! targets {
    ($($name:literal: $type:ty, $seeds:path;)*) => {
        /// One target for each structure that stands alone.
        pub(super) const TARGETS: [Target; [$($name),*].len()] = [$(Target {
            name: $name,
            property: PROPERTY,
            everyday_inputs: 4_000,
            prepare: || canonical::<$type>($seeds()),
        }),*];
    };
}

targets! {
    "transaction": SignedTransaction, vectors::byte_strings;
    "body": Body, vectors::byte_strings;
    "header": Header, vectors::byte_strings;
    "block": Block, vectors::byte_strings;
    "certificate": CommitCertificate, vectors::byte_strings;
    "vote": SignedVote, vectors::byte_strings;
    "proposal": SignedProposal, vectors::byte_strings;
    "evidence": Evidence, vectors::byte_strings;
    "validator-set": ValidatorSet, vectors::byte_strings;
    "asset-record": AssetRecord, vectors::byte_strings;
    "signer-record": SignerRecord, vectors::byte_strings;
    "organization-record": OrganizationRecord, vectors::byte_strings;
    "evidence-record": EvidenceRecord, vectors::byte_strings;
    "event": Event, vectors::byte_strings;
    "activity": Activity, vectors::byte_strings;
    "inclusion-proof": InclusionProof, vectors::byte_strings;
    "state-proof": StateProof, vectors::byte_strings;
    "frontier": Frontier, frontiers;
    "consensus-message": Envelope, envelopes;
    "gossip": Gossip, gossip;
    "gossiped-transactions": Transactions, transactions;
    "request": RequestEnvelope, requests;
    "response": ResponseEnvelope, responses;
    "log-entry": WalEntry, log_entries;
}

fn canonical<T: Canonical + PartialEq + Debug>(seeds: Vec<Vec<u8>>) -> Prepared {
    // Of the vectors, those that are read, and a few that are not, come first.
    let (read, other): (Vec<_>, Vec<_>) =
        seeds.into_iter().partition(|bytes| T::from_bytes(bytes).is_ok());
    let seeds = read.into_iter().chain(other.into_iter().take(20)).collect();
    Prepared {
        seeds,
        words: Vec::new(),
        check: Box::new(|input| match T::from_bytes(input) {
            Ok(value) => {
                let bytes = value.to_bytes();
                must(bytes == input, "it encodes to other bytes than it was read from")?;
                must(bytes.len() <= T::LIMIT_BYTES, "it is over its limit and was read")?;
                let again = T::from_bytes(&bytes);
                must(again.as_ref() == Ok(&value), "its own encoding reads as something else")?;
                Ok(Answer::Read(shape(&value)))
            }
            Err(error) => Ok(Answer::Refused(error.to_string())),
        }),
    }
}

/// The names in a value's form.
fn shape(value: &impl Debug) -> String {
    format!("{value:?}").chars().take(4_096).collect()
}

fn frontiers() -> Vec<Vec<u8>> {
    let leaves = (0..40u8).map(|number| vouchsafe_types::log::leaf_hash(&[number]));
    let mut frontier = Frontier::default();
    leaves
        .map(|leaf| {
            frontier.append(leaf);
            frontier.to_bytes()
        })
        .collect()
}

fn envelopes() -> Vec<Vec<u8>> {
    let messages = Chain::grown().messages.into_iter().filter_map(|message| match message {
        PeerMessage::Consensus(message) => Some(message.into_envelope().to_bytes()),
        PeerMessage::Proposal(_) | PeerMessage::Evidence(_) => None,
    });
    messages.chain(certificates()).collect()
}

/// Certificates between validators, which a chain without trouble does not need.
fn certificates() -> impl Iterator<Item = Vec<u8>> {
    use vouchsafe_consensus::message::{
        Message, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
        RoundSignature,
    };
    use vouchsafe_types::hash::{BlockId, Digest};
    use vouchsafe_types::identity::{Address, Signature};
    use vouchsafe_types::vote::VoteKind;
    let (block_id, signature) = (BlockId(Digest([7; 32])), Signature([9; 64]));
    let address = |number: u8| Address(Digest([number; 32]));
    let polka = PolkaCertificate {
        height: 3,
        round: 1,
        block_id,
        signatures: (0..3).map(|n| PolkaSignature { address: address(n), signature }).collect(),
    };
    let round = |kind| RoundCertificate {
        height: 3,
        round: 1,
        kind,
        signatures: (0..3)
            .map(|n| RoundSignature {
                kind: if n == 0 { VoteKind::Prevote } else { VoteKind::Precommit },
                block_id: (n < 2).then_some(block_id),
                address: address(n),
                signature,
            })
            .collect(),
    };
    [
        Message::PolkaCertificate(polka),
        Message::RoundCertificate(round(RoundCertificateKind::Skip)),
        Message::RoundCertificate(round(RoundCertificateKind::Precommit)),
    ]
    .into_iter()
    .map(|message| message.into_envelope().to_bytes())
}

fn gossip() -> Vec<Vec<u8>> {
    let evidence = vectors::byte_strings().into_iter().filter_map(|bytes| {
        let evidence = Evidence::from_bytes(&bytes).ok()?;
        Some(PeerMessage::Evidence(Box::new(evidence)))
    });
    let messages = Chain::grown().messages.into_iter().chain(evidence);
    messages.map(|message| Gossip::new(message).to_bytes()).collect()
}

fn transactions() -> Vec<Vec<u8>> {
    let all: Vec<_> =
        Chain::grown().statements.into_iter().map(|each| each.signed().clone()).collect();
    let list = |count: usize| Transactions::new(all[..count].to_vec()).expect("few").to_bytes();
    vec![list(1), list(2), list(all.len())]
}

fn requests() -> Vec<Vec<u8>> {
    let chain = Chain::grown();
    let asked = chain.questions.iter().map(|(request, _)| request.clone());
    let blocks = chain.questions.iter().filter_map(|(_, response)| match response {
        vouchsafe_replica::peer::Response::Block(Some(block)) => Some(block),
        _ => None,
    });
    let wanted = blocks.filter_map(|block| {
        let leaves = CompactBlock::of(block).leaves.to_vec();
        let leaves = vouchsafe_replica::peer::WantedLeaves::new(leaves).ok()?;
        let block_id = block.header.block_id();
        Some(vouchsafe_replica::peer::Request::Transactions { block_id, leaves })
    });
    asked.chain(wanted).map(|request| RequestEnvelope::new(request).to_bytes()).collect()
}

fn responses() -> Vec<Vec<u8>> {
    let chain = Chain::grown();
    let answers = chain.questions.into_iter().map(|(_, response)| response);
    answers.map(|response| ResponseEnvelope::new(response).to_bytes()).collect()
}

fn log_entries() -> Vec<Vec<u8>> {
    Chain::grown().entries.iter().map(Canonical::to_bytes).collect()
}
