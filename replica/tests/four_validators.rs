//! Four replicas that exchange everything they send.

mod driver;

use std::sync::Arc;

use driver::{GENESIS_TIME_MS, Key, Node, exchange, genesis, signer, statement};
use tempfile::TempDir;
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::MemoryStore;
use vouchsafe_replica::{Event, Notice, PeerMessage, PeerNumber, Timer};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::header::{Block, BlockTransactions};
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

/// Fires each node's due timers, a little time later.
fn pass_time(nodes: &mut [Node], silent: &[usize], milliseconds: u64) {
    let now_ms = nodes[0].now_ms + milliseconds;
    for (index, node) in nodes.iter_mut().enumerate() {
        node.now_ms = now_ms;
        if silent.contains(&index) {
            continue;
        }
        let due: Vec<Timer> =
            node.timers.iter().filter(|(_, due)| **due <= now_ms).map(|(t, _)| *t).collect();
        for timer in due {
            node.timers.remove(&timer);
            node.feed(Event::TimerElapsed(timer));
        }
    }
    exchange(nodes, silent);
}

#[test]
fn four_agree_on_every_block_and_root() {
    let (_folders, genesis, mut nodes) = network();
    for node in &mut nodes {
        node.feed(Event::Started);
    }
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

/// The block that the first proposer sends when its clock is so far ahead; it leaves the network.
fn first_block(genesis: &Genesis, nodes: &mut Vec<Node>, ahead_ms: u64) -> Arc<Block> {
    let proposer = genesis.validator_set().proposer(1, 0);
    let at = (1..=4).position(|seed| Key::new(seed).public_key().address() == proposer);
    let mut proposing = nodes.remove(at.expect("a validator proposes"));
    proposing.now_ms += ahead_ms;
    proposing.feed(Event::Started);
    let block = proposing.outbox.iter().find_map(|message| match message {
        PeerMessage::Block(block) => Some(block.clone()),
        _ => None,
    });
    block.expect("the proposer sends its block")
}

fn receive(node: &mut Node, message: PeerMessage) {
    node.feed(Event::Received { from: PeerNumber(0), message });
}

#[test]
fn a_block_from_the_future_is_held_until_the_clock_agrees() {
    let (_folders, genesis, mut nodes) = network();
    let block = first_block(&genesis, &mut nodes, 60_000);
    let block_id = block.header.block_id();

    let node = &mut nodes[0];
    node.feed(Event::Started);
    receive(node, PeerMessage::Block(block.clone()));
    assert!(node.notices.iter().any(|notice| matches!(notice, Notice::BlockHeld { .. })));
    assert!(!node.trace.contains(&"store body"), "it was not judged");

    let timer = Timer::Hold { block_id };
    let due_ms = node.timers[&timer];
    assert_eq!(due_ms, block.header.time_ms - genesis.parameters().clock_ahead_max_ms);
    node.now_ms = due_ms;
    node.feed(Event::TimerElapsed(timer));
    assert!(node.trace.contains(&"store body"), "it was judged valid");
}

#[test]
fn a_proposal_that_claims_a_polka_does_not_end_the_hold() {
    let (_folders, genesis, mut nodes) = network();
    let block = first_block(&genesis, &mut nodes, 60_000);
    let node = &mut nodes[0];
    node.feed(Event::Started);
    receive(node, PeerMessage::Block(block.clone()));
    let key = (1..=4)
        .map(Key::new)
        .find(|key| key.public_key().address() == genesis.validator_set().proposer(1, 1));
    let key = key.expect("a validator proposes");
    let proposal = Proposal {
        version: Version,
        height: 1,
        round: 1,
        pol_round: Some(0),
        block_id: block.header.block_id(),
        address: key.public_key().address(),
    };
    let signature = key.sign(&proposal.preimage(&genesis.chain_id()));
    let message = Message::Proposal(SignedProposal { proposal, signature });
    receive(node, PeerMessage::Consensus(message));
    assert!(!node.trace.contains(&"store body"), "it was not judged");
}

#[test]
fn a_false_body_under_a_true_header_does_not_condemn_the_block() {
    let (_folders, genesis, mut nodes) = network();
    let block = first_block(&genesis, &mut nodes, 0);
    let mut forged = Block::clone(&block);
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    forged.transactions = BlockTransactions::new(vec![transaction.signed().clone()]).expect("one");
    let node = &mut nodes[0];
    node.feed(Event::Started);
    receive(node, PeerMessage::Block(Arc::new(forged)));
    receive(node, PeerMessage::Block(block));
    assert!(!node.notices.iter().any(|notice| matches!(notice, Notice::InvalidBlock { .. })));
    assert!(node.trace.contains(&"store body"), "the true body was judged valid");
}
