//! Who takes part, and every message that any of them could send at one height: few enough to be
//! numbered, so that what was sent is a set of bits.

use std::sync::Arc;

use vouchsafe_types::canonical::Version;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::{BlockId, ChainId, Digest, sha256};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey, Signature};
use vouchsafe_types::signature::SignatureRule;
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

use crate::input::JudgedBlock;
use crate::message::Message;
use crate::sign_record::{SignMark, SignStep};
use crate::signer::Signer;

/// Rounds that are explored.
pub(super) const ROUNDS: u32 = 2;
/// Blocks that anyone proposes or votes for.
pub(super) const BLOCKS: usize = 2;
/// The chain that is voted on.
pub(super) const CHAIN_ID: ChainId = ChainId(Digest([9; 32]));

/// A key whose signatures anyone could make: in a model only those who may sign do.
#[derive(Clone)]
pub(super) struct Key(u64);

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(*sha256(&[b"key", &self.0.to_be_bytes()]).as_bytes())
    }
    fn sign(&self, message: &[u8]) -> Signature {
        seal(&self.public_key(), message)
    }
}

fn seal(key: &PublicKey, message: &[u8]) -> Signature {
    let half = sha256(&[&key.0, message]);
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(half.as_bytes());
    Signature(bytes)
}

/// The rule by which those signatures hold: model checking takes signatures as ideal.
#[derive(Debug)]
pub(super) struct Seals;

impl SignatureRule for Seals {
    fn holds(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        seal(key, message) == *signature
    }
}

/// One message, and what its sending says.
pub(super) struct Letter {
    pub(super) name: String,
    pub(super) message: Message,
    pub(super) author: usize,
    pub(super) round: u32,
    pub(super) step: SignStep,
    /// The block it is for; `None` is nil.
    pub(super) block: Option<usize>,
    /// Letters by the same author for the same place, this one not among them.
    pub(super) rivals: u64,
}

/// The validators of the height, and all they can say.
pub(super) struct Cast {
    pub(super) set: Arc<ValidatorSet>,
    pub(super) keys: Vec<Key>,
    pub(super) height: u64,
    /// Who proposes in each round.
    pub(super) proposers: [usize; ROUNDS as usize],
    pub(super) letters: Vec<Letter>,
}

pub(super) fn block_id(block: usize) -> BlockId {
    BlockId(sha256(&[b"block", &[u8::try_from(block).expect("few blocks")]]))
}

fn block_name(block: Option<usize>) -> &'static str {
    block.map_or("nil", |block| ["A", "B"][block])
}

impl Cast {
    /// Validators with these powers, at a height at which these two propose.
    pub(super) fn new(powers: &[u64], proposers: [usize; ROUNDS as usize]) -> Self {
        for first in (0..).step_by(powers.len()) {
            let count = powers.len() as u64;
            let keys: Vec<_> = (first..first + count).map(Key).collect();
            let validators = keys.iter().zip(powers).map(|(key, power)| Validator {
                public_key: key.public_key(),
                power: *power,
                organization: OrganizationId::new("acme").expect("valid"),
            });
            let set = Arc::new(ValidatorSet::new(validators.collect()).expect("valid"));
            let addresses: Vec<_> = keys.iter().map(|key| key.public_key().address()).collect();
            let fits = |height: &u64| {
                (0..ROUNDS)
                    .zip(proposers)
                    .all(|(round, proposer)| set.proposer(*height, round) == addresses[proposer])
            };
            if let Some(height) = (1..50).find(fits) {
                let mut cast = Self { set, keys, height, proposers, letters: Vec::new() };
                cast.write_letters();
                return cast;
            }
        }
        unreachable!("some keys fall into every order")
    }

    pub(super) fn address(&self, validator: usize) -> Address {
        self.keys[validator].public_key().address()
    }

    fn write_letters(&mut self) {
        for round in 0..ROUNDS {
            let pol_rounds: &[_] = if round == 0 { &[None] } else { &[None, Some(0)] };
            for block in 0..BLOCKS {
                for pol_round in pol_rounds {
                    self.write_proposal(round, *pol_round, block);
                }
            }
            for kind in [VoteKind::Prevote, VoteKind::Precommit] {
                for author in 0..self.keys.len() {
                    for block in (0..BLOCKS).map(Some).chain([None]) {
                        self.write_vote(kind, round, author, block);
                    }
                }
            }
        }
        assert!(self.letters.len() <= 64, "a set of letters is the bits of a word");
        for at in 0..self.letters.len() {
            let place = |letter: &Letter| (letter.author, letter.round, letter.step);
            let here = place(&self.letters[at]);
            let rivals = (0..self.letters.len())
                .filter(|other| *other != at && place(&self.letters[*other]) == here);
            self.letters[at].rivals = rivals.fold(0, |set, other| set | 1 << other);
        }
    }

    fn write_proposal(&mut self, round: u32, pol_round: Option<u32>, block: usize) {
        let author = self.proposers[round as usize];
        let proposal = Proposal {
            version: Version,
            height: self.height,
            round,
            pol_round,
            block_id: block_id(block),
            address: self.address(author),
        };
        let signature = self.keys[author].sign(&proposal.preimage(&CHAIN_ID));
        let again = if pol_round.is_some() { " again" } else { "" };
        self.letters.push(Letter {
            name: format!("{author} proposes {}{again} in {round}", block_name(Some(block))),
            message: Message::Proposal(SignedProposal { proposal, signature }),
            author,
            round,
            step: SignStep::Propose,
            block: Some(block),
            rivals: 0,
        });
    }

    fn write_vote(&mut self, kind: VoteKind, round: u32, author: usize, block: Option<usize>) {
        let step = match kind {
            VoteKind::Prevote => SignStep::Prevote,
            VoteKind::Precommit => SignStep::Precommit,
        };
        self.letters.push(Letter {
            name: format!("{author} {step}s {} in {round}", block_name(block)),
            message: Message::Vote(self.vote(kind, round, author, block)),
            author,
            round,
            step,
            block,
            rivals: 0,
        });
    }

    fn vote(&self, kind: VoteKind, round: u32, author: usize, block: Option<usize>) -> SignedVote {
        let vote = Vote {
            version: Version,
            kind,
            height: self.height,
            round,
            block_id: block.map(block_id),
            address: self.address(author),
        };
        let signature = self.keys[author].sign(&vote.preimage(&CHAIN_ID));
        SignedVote { vote, signature }
    }

    /// The number of a message; `None` for certificates, which are made of others.
    pub(super) fn letter_of(&self, message: &Message) -> Option<usize> {
        self.letters.iter().position(|letter| letter.message == *message)
    }

    /// The letter of this author, step, round and block.
    pub(super) fn find(
        &self,
        author: usize,
        step: SignStep,
        round: u32,
        block: Option<usize>,
    ) -> Option<usize> {
        self.letters.iter().position(|letter| {
            (letter.author, letter.step, letter.round, letter.block) == (author, step, round, block)
        })
    }

    /// What a letter leaves in the sign record.
    pub(super) fn mark(&self, letter: usize) -> SignMark {
        match &self.letters[letter].message {
            Message::Vote(signed) => {
                SignMark::of_vote(&signed.vote, &signed.vote.preimage(&CHAIN_ID))
            }
            Message::Proposal(signed) => {
                SignMark::of_proposal(&signed.proposal, &signed.proposal.preimage(&CHAIN_ID))
            }
            _ => unreachable!("only votes and proposals are letters"),
        }
    }

    /// The verdict that a block is valid. Block A was built in round 0, block B in round 1.
    pub(super) fn judged(&self, block: usize) -> JudgedBlock {
        JudgedBlock {
            height: self.height,
            round: u32::try_from(block).expect("few blocks"),
            proposer: self.address(self.proposers[block]),
            block_id: block_id(block),
            valid: true,
        }
    }

    /// These validators' proof that a block was decided in a round.
    pub(super) fn certificate(
        &self,
        round: u32,
        block: usize,
        signers: &[usize],
    ) -> CommitCertificate {
        let sign = |author: &usize| {
            let signed = self.vote(VoteKind::Precommit, round, *author, Some(block));
            CommitSignature { address: signed.vote.address, signature: signed.signature }
        };
        let mut signatures: Vec<_> = signers.iter().map(sign).collect();
        signatures.sort_by_key(|entry| entry.address);
        CommitCertificate {
            version: Version,
            height: self.height,
            round,
            block_id: block_id(block),
            signatures: CommitSignatures::new(signatures).expect("some sign"),
        }
    }
}
