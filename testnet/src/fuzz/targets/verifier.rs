//! The verifier, given a genuine answer with anything in it altered: what it calls proven is what
//! the chain holds.

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::signer::Signer as _;
use vouchsafe_ledger::{Answer as LedgerAnswer, MemoryStore, Reader, StoreRead as _};
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::Block;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::log::{InclusionProof, leaf_hash};
use vouchsafe_types::record::{Activity, LogHead, OrganizationRecord, StateName};
use vouchsafe_types::verifier::{ProvenHeader, Verifier, complete_log};
use vouchsafe_types::vote::SignedVote;

use crate::fuzz::chain::{Chain, HEIGHTS, VALIDATORS, validator};
use crate::fuzz::parts::{join, split};
use crate::fuzz::target::{Answer, Prepared, Target, Verdict, must};

/// What a verifier is asked about.
pub(super) const TARGETS: [Target; 5] = [
    Target {
        name: "proven-header",
        property: "a proven header is one that the chain has, whatever its certificate",
        everyday_inputs: 1_500,
        prepare: headers,
    },
    Target {
        name: "proven-state",
        property: "what is proven about four names, and the proof of it, are the genuine ones",
        everyday_inputs: 1_500,
        prepare: states,
    },
    Target {
        name: "proven-transaction",
        property: "a transaction that is proven stands at the place proven, by the genuine proof",
        everyday_inputs: 1_500,
        prepare: transactions,
    },
    Target {
        name: "complete-log",
        property: "entries that are a complete log are the genuine ones",
        everyday_inputs: 3_000,
        prepare: logs,
    },
    Target {
        name: "evidence-of-honest",
        property: "nothing is evidence against those who signed only what honest validators sign",
        everyday_inputs: 3_000,
        prepare: evidence,
    },
];

/// The genuine chain, and who verifies it.
struct Genuine {
    chain: Chain,
    verifier: Verifier,
    /// In the order of heights.
    blocks: Vec<(Block, Vec<u8>)>,
}

impl Genuine {
    fn new() -> Self {
        let chain = Chain::grown();
        let (id, set) = (chain.genesis.chain_id(), chain.genesis.validator_set().clone());
        let store = &chain.nodes[0].store;
        let block = |height| {
            let bytes = store.block(height).expect("memory").expect("committed");
            let certificate = store.certificate(height).expect("memory").expect("committed");
            (Block::from_bytes(&bytes).expect("canonical"), certificate)
        };
        let blocks = (1..=HEIGHTS).map(block).collect();
        Self { verifier: Verifier::new(id, set), blocks, chain }
    }

    fn reader(&self) -> Reader<MemoryStore> {
        self.chain.nodes[0].running.as_ref().expect("it runs").replica.reader()
    }

    /// The block of a header that was proven, or why that must not have been.
    fn block_of(&self, proven: &ProvenHeader) -> Result<&Block, String> {
        let found = self.blocks.iter().find(|(block, _)| block.header == *proven.header());
        let (block, _) = found.ok_or("a header is proven that the chain does not have")?;
        must(proven.block_id() == block.header.block_id(), "a proven header has another id")?;
        Ok(block)
    }
}

fn refused(error: &impl std::fmt::Display) -> Verdict {
    Ok(Answer::Refused(error.to_string()))
}

fn part<'a>(parts: &[&'a [u8]], at: usize) -> &'a [u8] {
    parts.get(at).copied().unwrap_or_default()
}

fn headers() -> Prepared {
    let genuine = Genuine::new();
    let seed = |(block, certificate): &(Block, Vec<u8>)| {
        join(&[block.header.to_bytes(), certificate.clone()])
    };
    Prepared {
        seeds: genuine.blocks.iter().map(seed).collect(),
        words: Vec::new(),
        check: Box::new(move |input| {
            let parts = split(input);
            match genuine.verifier.header(part(&parts, 0), part(&parts, 1)) {
                Ok(proven) => {
                    genuine.block_of(&proven)?;
                    let signatures = proven.certificate().signatures.len();
                    must(signatures * 3 > usize::from(VALIDATORS) * 2, "too few have signed")?;
                    Ok(Answer::Read(format!("proven {}", "signature ".repeat(signatures))))
                }
                Err(error) => refused(&error),
            }
        }),
    }
}

/// An asset, another that does not exist, an organization and the validators.
fn names(chain: &Chain) -> [StateName; 4] {
    let known = chain.statements[0].body().operations[0].assets()[0].key();
    let unknown = AssetKey { scheme: Scheme::Bytes, digest: Digest([3; 32]) };
    let organization = OrganizationId::new("organization-0").expect("a valid id");
    [
        StateName::Asset(known),
        StateName::Asset(unknown),
        StateName::Organization(organization),
        StateName::Validators,
    ]
}

/// A record as a part: whether there is one, and its bytes.
fn optional(record: Option<&Vec<u8>>) -> Vec<u8> {
    record.map_or(vec![0], |bytes| [&[1], bytes.as_slice()].concat())
}

fn states() -> Prepared {
    let genuine = Genuine::new();
    let names = names(&genuine.chain);
    let answer: LedgerAnswer = genuine.reader().status(&names).expect("committed");
    let proof = answer.proof.to_bytes();
    let mut seed = vec![answer.header.to_vec(), answer.certificate.to_vec(), proof.clone()];
    seed.extend(answer.records.iter().map(|record| optional(record.as_ref())));
    let mut others = vec![join(&seed)];
    // Each of the names alone has a proof of its own, which is none of all four.
    for name in &names {
        let alone = genuine.reader().status(std::slice::from_ref(name)).expect("committed");
        seed[2] = alone.proof.to_bytes();
        others.push(join(&seed));
    }
    Prepared {
        seeds: others,
        words: Vec::new(),
        check: Box::new(move |input| {
            let parts = split(input);
            let header = match genuine.verifier.header(part(&parts, 0), part(&parts, 1)) {
                Ok(proven) => proven,
                Err(error) => return refused(&error),
            };
            genuine.block_of(&header)?;
            let records: Vec<_> = parts.iter().skip(3).map(|bytes| read_optional(bytes)).collect();
            match header.state(&names, &records, part(&parts, 2)) {
                Ok(()) => {
                    must(header.header().height == answer.height, "it is of another height")?;
                    must(records == answer.records, "other records than the chain's are proven")?;
                    must(part(&parts, 2) == proof, "a second form of the proof is valid")?;
                    Ok(Answer::Read("proven".to_owned()))
                }
                Err(error) => refused(&error),
            }
        }),
    }
}

fn read_optional(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.split_first().filter(|(kind, _)| **kind != 0).map(|(_, record)| record.to_vec())
}

fn transactions() -> Prepared {
    let genuine = Genuine::new();
    let mut seeds = Vec::new();
    for (block, certificate) in &genuine.blocks {
        let bytes: Vec<_> = block.transactions.iter().map(|each| each.to_bytes()).collect();
        let leaves: Vec<_> = bytes.iter().map(|each| leaf_hash(each)).collect();
        for (at, transaction) in bytes.iter().enumerate() {
            let proof = InclusionProof::of(&leaves, at).to_bytes();
            let header = block.header.to_bytes();
            seeds.push(join(&[header, certificate.clone(), transaction.clone(), proof]));
        }
    }
    Prepared {
        seeds,
        words: Vec::new(),
        check: Box::new(move |input| {
            let parts = split(input);
            let header = match genuine.verifier.header(part(&parts, 0), part(&parts, 1)) {
                Ok(proven) => proven,
                Err(error) => return refused(&error),
            };
            let block = genuine.block_of(&header)?;
            match header.transaction(part(&parts, 2), part(&parts, 3)) {
                Ok((transaction, index)) => {
                    let at = usize::try_from(index).map_err(|_| "an index beyond all blocks")?;
                    let standing = block.transactions.get(at).ok_or("an index beyond the block")?;
                    must(standing == transaction.signed(), "another transaction stands there")?;
                    let all = block.transactions.iter();
                    let leaves: Vec<_> = all.map(|each| leaf_hash(&each.to_bytes())).collect();
                    let proof = InclusionProof::of(&leaves, at).to_bytes();
                    must(part(&parts, 3) == proof, "a second form of the proof is valid")?;
                    Ok(Answer::Read("proven".to_owned()))
                }
                Err(error) => refused(&error),
            }
        }),
    }
}

fn logs() -> Prepared {
    let genuine = Genuine::new();
    let name = names(&genuine.chain)[2].clone();
    let history = genuine.reader().history(&name, 0, 100).expect("committed");
    let record = history.answer.records[0].as_ref().expect("the organization is known");
    let head: LogHead = OrganizationRecord::from_bytes(record).expect("canonical").activity;
    let entries = history.entries;
    Prepared {
        seeds: vec![join(&entries), join(&entries[1..])],
        words: Vec::new(),
        check: Box::new(move |input| {
            let given: Vec<_> = split(input).into_iter().map(<[u8]>::to_vec).collect();
            match complete_log::<Activity>(&head, "entry", &given) {
                Ok(_) => {
                    must(given == entries, "other entries than the chain's are its log")?;
                    Ok(Answer::Read("complete".to_owned()))
                }
                Err(error) => refused(&error),
            }
        }),
    }
}

/// Pairs of what honest validators signed, put together as if they contradicted each other.
fn evidence() -> Prepared {
    let chain = Chain::grown();
    let (mut votes, mut proposals) = (Vec::new(), Vec::new());
    for message in &chain.messages {
        match message {
            PeerMessage::Consensus(Message::Vote(vote)) => votes.push(vote.clone()),
            PeerMessage::Consensus(Message::Proposal(proposal)) => proposals.push(proposal.clone()),
            PeerMessage::Proposal(proposed) => proposals.push(proposed.proposal.clone()),
            PeerMessage::Consensus(_) | PeerMessage::Evidence(_) => {}
        }
    }
    let same_voter = |one: &SignedVote, other: &SignedVote| one.vote.address == other.vote.address;
    let mut seeds = Vec::new();
    for (at, one) in votes.iter().enumerate() {
        let others = votes[at..].iter().filter(|other| same_voter(one, other)).take(3);
        seeds.extend(others.map(|other| Evidence::of_votes(one.clone(), other.clone()).to_bytes()));
    }
    for pair in proposals.windows(2) {
        seeds.push(Evidence::of_proposals(pair[0].clone(), pair[1].clone()).to_bytes());
    }
    let keys: Vec<_> = (0..VALIDATORS).map(|number| validator(number).public_key()).collect();
    Prepared {
        seeds,
        words: Vec::new(),
        check: Box::new(move |input| {
            let evidence = match Evidence::from_bytes(input) {
                Ok(evidence) => evidence,
                Err(error) => return refused(&error),
            };
            let mut why = String::new();
            for key in &keys {
                match evidence.verify(&chain.genesis.chain_id(), key) {
                    Ok(()) => return Err("an honest validator is accused".to_owned()),
                    Err(error) => why = error.to_string(),
                }
            }
            // It was read, and is no evidence: that is as far as it may get.
            Ok(Answer::Read(why))
        }),
    }
}
