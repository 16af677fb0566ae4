//! Four replicas that exchange everything they send.

mod driver;

use driver::{
    GENESIS_TIME_MS, Key, Node, Sent, connect, deliver, exchange, genesis, pass_time, signer,
    statement,
};
use tempfile::TempDir;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::MemoryStore;
use vouchsafe_replica::peer::{BlockLeaves, PeerMessage, ProposedBlock};
use vouchsafe_replica::{Delivery, Event, Notice, PeerNumber, Timer, Verdict};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::hash::sha256;
use vouchsafe_types::vote::{Proposal, SignedProposal};

const EXPIRY_MS: u64 = GENESIS_TIME_MS + 600_000;

fn network() -> (Vec<TempDir>, Genesis, Vec<Node>) {
    let genesis = genesis(4);
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let nodes = folders
        .iter()
        .zip(1..)
        .map(|(folder, seed)| {
            Node::boot(&genesis, &Key::new(seed), folder.path(), MemoryStore::default())
        })
        .collect();
    (folders, genesis, nodes)
}

#[test]
fn four_agree_on_every_block_and_root() {
    let (_folders, genesis, mut nodes) = network();
    for node in &mut nodes {
        node.feed(Event::Started);
    }
    connect(&mut nodes, &[]);
    exchange(&mut nodes, &[]);
    for nonce in 0..20u8 {
        let name = format!("file {nonce}");
        let transaction = statement(&genesis.chain_id(), &signer(), &name, nonce, None, EXPIRY_MS);
        nodes[usize::from(nonce % 4)].submit(transaction).expect("pooled");
        exchange(&mut nodes, &[]);
        pass_time(&mut nodes, &[], 10);
    }
    for _ in 0..100 {
        pass_time(&mut nodes, &[], 100);
    }
    let height = nodes.iter().map(Node::height).min().expect("four");
    assert!(height >= 2);
    for at in 1..=height {
        let ids: Vec<_> = nodes.iter().map(|n| n.block(at).header.block_id()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "height {at}");
    }
    let committed: usize = (1..=height).map(|at| nodes[0].block(at).transactions.len()).sum();
    assert_eq!(committed, 20);
}

#[test]
fn three_go_on_when_one_is_silent() {
    let (_folders, genesis, mut nodes) = network();
    let silent = [2];
    for (index, node) in nodes.iter_mut().enumerate() {
        if !silent.contains(&index) {
            node.feed(Event::Started);
        }
    }
    connect(&mut nodes, &silent);
    exchange(&mut nodes, &silent);
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let id = transaction.id();
    nodes[0].submit(transaction).expect("pooled");
    exchange(&mut nodes, &silent);
    for _ in 0..600 {
        if nodes[0].settled.contains_key(&id) {
            return;
        }
        pass_time(&mut nodes, &silent, 50);
    }
    panic!("three of four did not commit within 30 s of virtual time");
}

/// The proposal that the first proposer sends when its clock is so far ahead; it leaves the
/// network.
#[test]
fn a_block_of_the_second_round_takes_half_of_what_waits() {
    let (_folders, genesis, mut nodes) = network();
    let proposer = genesis.validator_set().proposer(1, 0);
    let first = (1..=4).position(|seed| Key::new(seed).public_key().address() == proposer);
    let silent = [first.expect("one of the four")];
    let speaks = (silent[0] + 1) % 4;
    for (index, node) in nodes.iter_mut().enumerate() {
        if !silent.contains(&index) {
            node.feed(Event::Started);
        }
    }
    connect(&mut nodes, &silent);
    exchange(&mut nodes, &silent);
    for nonce in 0..200u8 {
        let name = format!("file {nonce}");
        let transaction = statement(&genesis.chain_id(), &signer(), &name, nonce, None, EXPIRY_MS);
        nodes[speaks].submit(transaction).expect("pooled");
    }
    exchange(&mut nodes, &silent);
    for _ in 0..600 {
        pass_time(&mut nodes, &silent, 10);
    }
    let first = nodes[speaks].block(1);
    assert_eq!((first.header.round, first.transactions.len()), (1, 100));
    let heights = 1..=nodes[speaks].height();
    let committed: usize = heights.map(|at| nodes[speaks].block(at).transactions.len()).sum();
    assert_eq!(committed, 200);
}

fn first_proposal(genesis: &Genesis, nodes: &mut Vec<Node>, ahead_ms: u64) -> ProposedBlock {
    let proposer = genesis.validator_set().proposer(1, 0);
    let at = (1..=4).position(|seed| Key::new(seed).public_key().address() == proposer);
    let at = at.expect("a validator proposes");
    nodes[at].now_ms += ahead_ms;
    nodes[at].feed(Event::Started);
    connect(nodes, &[]);
    for node in nodes.iter_mut() {
        node.outbox.retain(|sent| matches!(sent, Sent::Ask { .. }));
    }
    for sent in std::mem::take(&mut nodes[at].outbox) {
        deliver(nodes, &[], at, sent);
    }
    let proposing = nodes.remove(at);
    let proposal = proposing.outbox.iter().find_map(|sent| match sent {
        Sent::Broadcast(PeerMessage::Proposal(proposed)) => Some(proposed.clone()),
        _ => None,
    });
    *proposal.expect("the proposer sends its block")
}

fn receive(node: &mut Node, message: PeerMessage) -> Verdict {
    let delivery = Delivery(1_000_000 + node.verdicts.len() as u64);
    node.feed(Event::Received { from: PeerNumber(0), delivery, message });
    node.verdicts[&delivery]
}

fn proposed(block: &ProposedBlock) -> PeerMessage {
    PeerMessage::Proposal(Box::new(block.clone()))
}

#[test]
fn a_block_from_the_future_is_held_until_the_clock_agrees() {
    let (_folders, genesis, mut nodes) = network();
    let proposal = first_proposal(&genesis, &mut nodes, 60_000);
    let header = &proposal.block.header;

    let node = &mut nodes[0];
    node.feed(Event::Started);
    assert_eq!(receive(node, proposed(&proposal)), Verdict::Accept);
    assert!(node.notices.iter().any(|notice| matches!(notice, Notice::BlockHeld { .. })));
    assert!(!node.trace.contains(&"store body"), "it was not judged");

    let timer = Timer::Hold { block_id: header.block_id() };
    let due_ms = node.timers[&timer];
    assert_eq!(due_ms, header.time_ms - genesis.parameters().clock_ahead_max_ms);
    node.now_ms = due_ms;
    node.feed(Event::TimerElapsed(timer));
    assert!(node.trace.contains(&"store body"), "it was judged valid");
}

#[test]
fn a_proposal_that_claims_a_polka_does_not_end_the_hold() {
    let (_folders, genesis, mut nodes) = network();
    let first = first_proposal(&genesis, &mut nodes, 60_000);
    let node = &mut nodes[0];
    node.feed(Event::Started);
    receive(node, proposed(&first));
    let key = (1..=4)
        .map(Key::new)
        .find(|key| key.public_key().address() == genesis.validator_set().proposer(1, 1));
    let key = key.expect("a validator proposes");
    let proposal = Proposal {
        version: Version,
        height: 1,
        round: 1,
        pol_round: Some(0),
        block_id: first.block.header.block_id(),
        address: key.public_key().address(),
    };
    let signature = key.sign(&proposal.preimage(&genesis.chain_id()));
    let again = ProposedBlock { proposal: SignedProposal { proposal, signature }, ..first };
    receive(node, proposed(&again));
    assert!(!node.trace.contains(&"store body"), "it was not judged");
}

#[test]
fn a_proposal_with_another_block_than_it_names_is_refused_and_the_true_one_taken() {
    let (_folders, genesis, mut nodes) = network();
    let genuine = first_proposal(&genesis, &mut nodes, 0);
    let node = &mut nodes[0];
    node.feed(Event::Started);

    let mut leaves = genuine.clone();
    leaves.block.leaves = BlockLeaves::new(vec![sha256(&[b"a"])]).expect("one");
    let mut header = genuine.clone();
    header.block.header.time_ms += 1;
    let mut unsigned = genuine.clone();
    unsigned.proposal.proposal.block_id = header.block.header.block_id();
    unsigned.block.header.time_ms += 1;
    for forged in [leaves, header, unsigned] {
        assert_eq!(receive(node, proposed(&forged)), Verdict::Reject);
        assert!(!node.trace.contains(&"store body"), "nothing of it was kept");
    }
    receive(node, proposed(&genuine));
    assert!(!node.notices.iter().any(|notice| matches!(notice, Notice::InvalidBlock { .. })));
    assert!(node.trace.contains(&"store body"), "the true block was judged valid");
}
