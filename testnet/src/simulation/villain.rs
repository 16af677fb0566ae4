//! Nodes that do not follow the rules, by what they do. Each runs the honest replica and alters
//! what leaves it.

use std::collections::BTreeMap;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::signer::Signer as _;
use vouchsafe_replica::peer::{
    CertifiedBlock, CertifiedBlocks, PeerMessage, ProposedBlock, Request, Response,
};
use vouchsafe_types::certificate::{CommitSignature, CommitSignatures};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, sha256};
use vouchsafe_types::header::BlockTransactions;
use vouchsafe_types::identity::Signature;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use super::founding::Founding;
use super::key::Key;
use super::random::Random;

/// What a villain does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Villain {
    /// Signs two proposals and two votes for one place, and sends one to each half of the others.
    Equivocator,
    /// Forgets what it signed at every restart, and restarts often.
    Amnesiac,
    /// Says nothing.
    Silent,
    /// Says everything late.
    Delayer,
    /// Sends false signatures, wrong heights, blocks that break rules and blocks that lie about
    /// the state.
    Forger,
    /// Answers those who catch up with false blocks and certificates, or with nothing.
    LyingSyncer,
    /// Runs one key twice, on two machines that each follow the rules.
    Twin,
}

/// All of them.
pub const VILLAINS: [Villain; 7] = [
    Villain::Equivocator,
    Villain::Amnesiac,
    Villain::Silent,
    Villain::Delayer,
    Villain::Forger,
    Villain::LyingSyncer,
    Villain::Twin,
];

/// What equivocators tell some of the others instead of a block, by the block.
pub type SecondBlocks = BTreeMap<BlockId, ProposedBlock>;

/// How late a delayer is, in milliseconds.
const DELAY_MS: (u64, u64) = (200, 4_000);

impl Villain {
    /// What it sends to one of the others instead of a message, and how much later.
    pub fn sends(
        self,
        message: &PeerMessage,
        key: &Key,
        chain_id: &ChainId,
        seconds: &SecondBlocks,
        to: usize,
        random: &mut Random,
    ) -> Option<(PeerMessage, u64)> {
        let own = is_of(message, key);
        match self {
            Self::Silent => None,
            Self::Delayer => Some((message.clone(), random.between(DELAY_MS.0, DELAY_MS.1))),
            Self::Equivocator if own && to % 2 == 1 => {
                Some((other_message(message, key, chain_id, seconds), 0))
            }
            Self::Forger if own => {
                // Some lies are told to all alike, others to some.
                let mut common = Random::new(place_of(message));
                let lies = if common.chance(500) { &mut common } else { random };
                let lie = lies.chance(500).then(|| forged(message, key, lies));
                Some((lie.unwrap_or_else(|| message.clone()), 0))
            }
            _ => Some((message.clone(), 0)),
        }
    }

    /// What it answers instead; none: it does not answer.
    pub fn answers(
        self,
        request: &Request,
        true_one: Response,
        founding: &Founding,
        random: &mut Random,
    ) -> Option<Response> {
        match self {
            Self::Silent => None,
            Self::LyingSyncer => lie(request, true_one, founding, random),
            _ => Some(true_one),
        }
    }
}

/// Is this the villain's own to alter? Evidence is whoever's who tells of it.
fn is_of(message: &PeerMessage, key: &Key) -> bool {
    let address = key.public_key().address();
    match message {
        PeerMessage::Proposal(proposed) => proposed.proposal.proposal.address == address,
        PeerMessage::Consensus(Message::Vote(signed)) => signed.vote.address == address,
        PeerMessage::Evidence(_) => true,
        PeerMessage::Consensus(_) => false,
    }
}

/// A number for the place of a message: what is drawn from it is the same for all who hear it.
fn place_of(message: &PeerMessage) -> u64 {
    let (height, round) = match message {
        PeerMessage::Proposal(proposed) => {
            (proposed.proposal.proposal.height, proposed.proposal.proposal.round)
        }
        PeerMessage::Consensus(message) => (message.height(), message.round()),
        PeerMessage::Evidence(evidence) => (evidence.height(), 0),
    };
    height << 8 | u64::from(round)
}

/// Another message for the same place, with a true signature.
fn other_message(
    message: &PeerMessage,
    key: &Key,
    chain_id: &ChainId,
    seconds: &SecondBlocks,
) -> PeerMessage {
    match message {
        PeerMessage::Consensus(Message::Vote(signed)) => {
            let mut vote = signed.vote.clone();
            let second = vote.block_id.and_then(|block_id| seconds.get(&block_id));
            vote.block_id = match vote.block_id {
                Some(_) => second.map(|second| second.proposal.proposal.block_id),
                None => Some(BlockId(sha256(&[b"no such block"]))),
            };
            let signature = key.sign(&vote.preimage(chain_id));
            PeerMessage::Consensus(Message::Vote(SignedVote { vote, signature }))
        }
        PeerMessage::Proposal(proposed) => {
            if let Some(second) = seconds.get(&proposed.proposal.proposal.block_id) {
                return PeerMessage::Proposal(Box::new(second.clone()));
            }
            let ProposedBlock { proposal, mut block } = (**proposed).clone();
            let mut proposal = proposal.proposal;
            block.header.time_ms += 1;
            proposal.block_id = block.header.block_id();
            let signature = key.sign(&proposal.preimage(chain_id));
            let proposal = SignedProposal { proposal, signature };
            PeerMessage::Proposal(Box::new(ProposedBlock { proposal, block }))
        }
        other => other.clone(),
    }
}

/// Evidence that convicts nobody, or of a height at which nobody did what it says.
fn forged_evidence(evidence: &Evidence, random: &mut Random) -> Evidence {
    let mut evidence = evidence.clone();
    let choice = random.below(3);
    match &mut evidence {
        Evidence::Votes(one, other) => match choice {
            0 => std::mem::swap(one, other),
            1 => other.signature.0[7] ^= 1,
            _ => {
                one.vote.height += 1;
                other.vote.height += 1;
            }
        },
        Evidence::Proposals(one, other) => match choice {
            0 => std::mem::swap(one, other),
            1 => other.signature.0[7] ^= 1,
            _ => {
                one.proposal.height += 1;
                other.proposal.height += 1;
            }
        },
    }
    evidence
}

/// A message with a false signature, of another height, or with a block that breaks a rule.
fn forged(message: &PeerMessage, key: &Key, random: &mut Random) -> PeerMessage {
    match message {
        PeerMessage::Consensus(Message::Vote(signed)) => {
            let mut signed = signed.clone();
            if random.chance(500) {
                signed.signature =
                    Signature([u8::try_from(random.below(256)).expect("a byte"); 64]);
            } else {
                signed.vote.height += random.between(1, 6);
            }
            PeerMessage::Consensus(Message::Vote(signed))
        }
        PeerMessage::Proposal(proposed) => {
            let mut proposed = (**proposed).clone();
            let header = &mut proposed.block.header;
            let mut proposal = proposed.proposal.proposal;
            match random.below(5) {
                0 => header.state_root = sha256(&[b"another state"]),
                1 => header.parent = BlockId(sha256(&[b"another parent"])),
                2 => header.transaction_count += 1,
                3 => header.height += 1,
                _ => {
                    // It is somebody else's turn then.
                    header.round += 1;
                    proposal.round += 1;
                }
            }
            proposal.block_id = header.block_id();
            let signature = key.sign(&proposal.preimage(&header.chain_id));
            let proposal = SignedProposal { proposal, signature };
            PeerMessage::Proposal(Box::new(ProposedBlock { proposal, block: proposed.block }))
        }
        PeerMessage::Evidence(evidence) => {
            PeerMessage::Evidence(Box::new(forged_evidence(evidence, random)))
        }
        other => other.clone(),
    }
}

fn lie(
    request: &Request,
    true_one: Response,
    founding: &Founding,
    random: &mut Random,
) -> Option<Response> {
    match (request, true_one) {
        (Request::Status { .. }, Response::Status { height }) if random.chance(300) => {
            Some(Response::Status { height: height + random.between(1, 1_000) })
        }
        (Request::Blocks { .. }, Response::Blocks(blocks)) => {
            let mut blocks = blocks.into_inner();
            for certified in &mut blocks {
                match random.below(6) {
                    0 => {
                        let few =
                            certified.certificate.signatures.iter().take(1).cloned().collect();
                        certified.certificate.signatures = CommitSignatures::new(few).expect("one");
                    }
                    1 => certified.block.header.state_root = sha256(&[b"another state"]),
                    2 => {
                        certified.block.transactions =
                            BlockTransactions::new(Vec::new()).expect("none");
                    }
                    3 => leaked_keys(certified, founding),
                    4 => another_chain(certified, founding),
                    _ => certified.certificate.round += 1,
                }
            }
            if random.chance(200) {
                blocks.clear();
            }
            Some(Response::Blocks(CertifiedBlocks::new(blocks).expect("no more than before")))
        }
        (Request::Block { .. } | Request::Transactions { .. }, _) if random.chance(500) => None,
        (_, other) => Some(other),
    }
}

/// The certificate of another block by the true validators, made on another chain.
fn another_chain(certified: &mut CertifiedBlock, founding: &Founding) {
    let set = founding.validators_at(certified.block.header.height);
    let keys: Vec<_> =
        founding.keys.iter().filter(|key| set.get(&key.public_key().address()).is_some()).collect();
    certify_anew(certified, &keys, &ChainId(sha256(&[b"another chain"])));
}

/// A block that the genesis's validators would have decided, had they not been replaced meanwhile;
/// their keys have leaked since. As long as they decide, there is none.
fn leaked_keys(certified: &mut CertifiedBlock, founding: &Founding) {
    let height = certified.block.header.height;
    let (set, genesis) = (founding.validators_at(height), &founding.genesis);
    let powers = genesis.validator_set().iter().filter_map(|(address, _)| set.get(address));
    if set.is_quorum(powers.map(|validator| validator.power).sum()) {
        return;
    }
    let keys: Vec<_> = founding.keys.iter().take(genesis.validator_set().len()).collect();
    certify_anew(certified, &keys, &genesis.chain_id());
}

/// Changes the block, and has it certified by these keys on a chain.
fn certify_anew(certified: &mut CertifiedBlock, keys: &[&Key], chain_id: &ChainId) {
    certified.block.header.state_root = sha256(&[b"another state"]);
    let certificate = &mut certified.certificate;
    certificate.block_id = certified.block.header.block_id();
    let signature_of = |key: &&Key| {
        let address = key.public_key().address();
        let preimage = certificate.precommit(address).preimage(chain_id);
        CommitSignature { address, signature: key.sign(&preimage) }
    };
    let mut signatures: Vec<_> = keys.iter().map(signature_of).collect();
    signatures.sort_by_key(|entry| entry.address);
    certificate.signatures = CommitSignatures::new(signatures).expect("few");
}
