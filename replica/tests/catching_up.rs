//! Nodes that were away, that missed something, or whose peers lie.

mod driver;

use driver::{
    GENESIS_TIME_MS, Key, Node, Sent, connect, connect_one, exchange, genesis, other_signer,
    pass_time, signer, statement,
};
use tempfile::TempDir;
use vouchsafe_consensus::message::Message;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::{MemoryStore, Rule};
use vouchsafe_replica::peer::{CertifiedBlocks, PeerMessage, Request, Response};
use vouchsafe_replica::{AdmissionError, Event, Fault, MempoolLimits, Notice, Outcome, PeerNumber};
use vouchsafe_types::certificate::CommitSignatures;
use vouchsafe_types::header::BlockTransactions;
use vouchsafe_types::vote::VoteKind;

const EXPIRY_MS: u64 = GENESIS_TIME_MS + 3_000_000;

/// Four validators and an observer, of which some are away.
fn network(away: &[usize]) -> (Vec<TempDir>, Genesis, Vec<Node>) {
    let genesis = genesis(4);
    let folders: Vec<_> = (0..5).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let boot = |(folder, seed): (&TempDir, u8)| match seed {
        5 => Node::boot_observer(&genesis, folder.path(), MemoryStore::default()),
        _ => Node::boot(&genesis, &Key::new(seed), folder.path(), MemoryStore::default()),
    };
    let mut nodes: Vec<_> = folders.iter().zip(1..).map(boot).collect();
    for (at, node) in nodes.iter_mut().enumerate() {
        if !away.contains(&at) {
            node.feed(Event::Started);
        }
    }
    connect(&mut nodes, away);
    exchange(&mut nodes, away);
    (folders, genesis, nodes)
}

/// Lets time pass until every one of them is at a height.
fn reach(nodes: &mut [Node], away: &[usize], height: u64, who: &[usize]) {
    for _ in 0..2_000 {
        if who.iter().all(|at| nodes[*at].height() >= height) {
            return;
        }
        pass_time(nodes, away, 100);
    }
    let heights: Vec<_> = nodes.iter().map(Node::height).collect();
    panic!("not at height {height} within 200 s of virtual time: {heights:?}");
}

fn commit_some(nodes: &mut [Node], genesis: &Genesis, away: &[usize], count: u8) {
    for nonce in 0..count {
        let name = format!("file {nonce}");
        let transaction = statement(&genesis.chain_id(), &signer(), &name, nonce, None, EXPIRY_MS);
        nodes[0].submit(transaction).expect("pooled");
        let height = nodes[0].height() + 1;
        exchange(nodes, away);
        reach(nodes, away, height, &[0]);
    }
}

/// A node comes back: it starts, and everyone hears of it.
fn come_back(nodes: &mut [Node], at: usize, away: &[usize]) {
    nodes[at].now_ms = nodes[0].now_ms;
    nodes[at].feed(Event::Started);
    for other in (0..nodes.len()).filter(|other| *other != at && !away.contains(other)) {
        connect_one(nodes, at, other);
        connect_one(nodes, other, at);
    }
}

fn roots_agree(nodes: &[Node], height: u64) {
    for at in 1..=height {
        let first = nodes[0].block(at).header;
        assert!(nodes.iter().all(|node| node.block(at).header == first), "height {at}");
    }
}

#[test]
fn a_validator_that_was_away_catches_up_before_it_votes() {
    let (_folders, genesis, mut nodes) = network(&[3]);
    commit_some(&mut nodes, &genesis, &[3], 60);
    let height = nodes[0].height();
    come_back(&mut nodes, 3, &[]);
    nodes[3].trace.clear();
    for _ in 0..100 {
        pass_time(&mut nodes, &[], 10);
        if nodes[3].height() < height {
            assert!(!nodes[3].trace.contains(&"send vote or proposal"), "it voted while behind");
        }
    }
    assert!(nodes[3].notices.iter().any(|n| matches!(n, Notice::CatchingUp { .. })));
    assert!(nodes[3].notices.iter().any(|n| matches!(n, Notice::CaughtUp { .. })));
    reach(&mut nodes, &[], height + 3, &[0, 1, 2, 3, 4]);
    assert!(nodes[3].trace.contains(&"send vote or proposal"), "it votes again");
    assert!(nodes[3].replica.report().votes);
    roots_agree(&nodes, height + 3);
}

#[test]
fn an_observer_follows_and_never_votes() {
    let (_folders, genesis, mut nodes) = network(&[]);
    commit_some(&mut nodes, &genesis, &[], 10);
    let height = nodes[0].height();
    reach(&mut nodes, &[], height, &[4]);
    assert!(!nodes[4].trace.contains(&"send vote or proposal"));
    assert!(!nodes[4].replica.report().votes);
    let transaction = statement(&genesis.chain_id(), &signer(), "x", 200, None, EXPIRY_MS);
    let id = transaction.id();
    nodes[4].submit(transaction).expect("an observer takes submissions");
    reach(&mut nodes, &[], height + 1, &[0, 1, 2, 3, 4]);
    assert!(nodes[4].settled.contains_key(&id), "and learns what became of them");
}

#[test]
fn whoever_lies_to_a_node_that_catches_up_is_blamed_and_the_others_are_asked() {
    type Alter = fn(CertifiedBlocks) -> Option<Response>;
    let thin_certificate: Alter = |blocks| {
        let mut blocks = blocks.into_inner();
        for certified in &mut blocks {
            let signatures = certified.certificate.signatures.to_vec();
            let fewer = signatures.into_iter().take(2).collect();
            certified.certificate.signatures = CommitSignatures::new(fewer).expect("two");
        }
        Some(Response::Blocks(CertifiedBlocks::new(blocks).expect("as many")))
    };
    let other_body: Alter = |blocks| {
        let mut blocks = blocks.into_inner();
        for certified in &mut blocks {
            certified.block.transactions = BlockTransactions::new(vec![]).expect("none");
        }
        Some(Response::Blocks(CertifiedBlocks::new(blocks).expect("as many")))
    };
    let gaps: Alter = |blocks| {
        let blocks = blocks.into_inner().into_iter().step_by(2).collect();
        Some(Response::Blocks(CertifiedBlocks::new(blocks).expect("fewer")))
    };
    let nothing: Alter = |_| Some(Response::Blocks(CertifiedBlocks::new(vec![]).expect("none")));
    let other_kind: Alter = |_| Some(Response::Status { height: 1 });
    let silence: Alter = |_| None;
    for (name, alter) in [
        ("a certificate of two", thin_certificate),
        ("another body", other_body),
        ("gaps", gaps),
        ("nothing", nothing),
        ("another kind", other_kind),
        ("silence", silence),
    ] {
        let (_folders, genesis, mut nodes) = network(&[3]);
        commit_some(&mut nodes, &genesis, &[3], 12);
        let height = nodes[0].height();
        for liar in [0, 1] {
            nodes[liar].lie = Some(Box::new(move |request, response| match (request, response) {
                (Request::Blocks { .. }, Response::Blocks(blocks)) => alter(blocks),
                (_, other) => Some(other),
            }));
        }
        come_back(&mut nodes, 3, &[]);
        reach(&mut nodes, &[], height, &[3]);
        roots_agree(&nodes[..4], height);
        let blamed = &nodes[3].blamed;
        let of = |peer| move |(who, _): &&(PeerNumber, Fault)| *who == PeerNumber(peer);
        assert_eq!(blamed.iter().any(|b| of(0)(&b)), name != "silence", "{name}: {blamed:?}");
        assert!(!blamed.iter().any(|b| of(2)(&b)), "{name}: an honest one is blamed: {blamed:?}");
        let expected = |fault: &Fault| match name {
            "a certificate of two" => matches!(fault, Fault::FalseCertificate { .. }),
            "nothing" => matches!(fault, Fault::Withheld { .. }),
            _ => matches!(fault, Fault::FalseAnswer),
        };
        assert!(blamed.iter().all(|(_, fault)| expected(fault)), "{name}: {blamed:?}");
    }
}

#[test]
fn a_claim_without_proof_stops_nobody() {
    let (_folders, genesis, mut nodes) = network(&[]);
    commit_some(&mut nodes, &genesis, &[], 3);
    let boast = |request: &Request, response| match request {
        Request::Status { .. } => Some(Response::Status { height: u64::MAX - 1 }),
        Request::Blocks { .. } => {
            Some(Response::Blocks(CertifiedBlocks::new(vec![]).expect("none")))
        }
        _ => Some(response),
    };
    nodes[2].lie = Some(Box::new(boast));
    let height = nodes[0].height();
    reach(&mut nodes, &[], height + 5, &[0, 1, 2, 3, 4]);
    assert!(nodes[0].blamed.iter().any(|(peer, fault)| {
        *peer == PeerNumber(2) && matches!(fault, Fault::Withheld { .. })
    }));
    assert!(nodes[0].replica.report().votes, "one claim is no reason not to vote");
}

#[test]
fn transactions_that_a_block_names_are_fetched() {
    let (_folders, genesis, mut nodes) = network(&[]);
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let id = transaction.id();
    nodes[0].submit(transaction).expect("pooled");
    // The gossip of it is lost, and node 1 never answers for it.
    nodes[0].outbox.retain(|sent| !matches!(sent, Sent::Gossip(_)));
    nodes[1].lie = Some(Box::new(|request, response| match request {
        Request::Transactions { .. } => None,
        _ => Some(response),
    }));
    for _ in 0..100 {
        if nodes.iter().all(|node| node.height() >= 2) {
            break;
        }
        pass_time(&mut nodes, &[], 50);
        for node in &mut nodes {
            node.outbox.retain(|sent| !matches!(sent, Sent::Gossip(_)));
        }
    }
    assert!(nodes[0].settled.contains_key(&id));
    assert!(nodes.iter().all(|node| node.block(2).transactions.len() == 1));
}

#[test]
fn without_a_quorum_nothing_begins_and_with_it_all_resumes() {
    let (_folders, genesis, mut nodes) = network(&[2, 3, 4]);
    let report = nodes[0].replica.report();
    assert_eq!((report.reachable_power, report.total_power), (2, 4));
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let id = transaction.id();
    nodes[0].submit(transaction).expect("it waits");
    for _ in 0..200 {
        pass_time(&mut nodes, &[2, 3, 4], 100);
    }
    assert_eq!(nodes[0].height(), 0);
    assert!(!nodes[0].settled.contains_key(&id), "nothing is acknowledged");
    assert!(!nodes[0].trace.contains(&"send vote or proposal"), "no round is begun");
    for at in [2, 3, 4] {
        nodes[at].now_ms = nodes[0].now_ms;
        nodes[at].feed(Event::Started);
    }
    for peer in [0, 1].map(PeerNumber) {
        // As if they had never been connected.
        for node in &mut nodes {
            node.feed(Event::PeerDisconnected { peer });
        }
    }
    connect(&mut nodes, &[]);
    reach(&mut nodes, &[], 2, &[0, 1, 2, 3, 4]);
    assert!(nodes[0].settled.contains_key(&id), "what waited is committed");
}

#[test]
fn a_decision_that_only_one_node_has_reaches_the_others() {
    let (_folders, genesis, mut nodes) = network(&[]);
    commit_some(&mut nodes, &genesis, &[], 2);
    let height = nodes[0].height();
    // Only node 0 ever hears precommits of the next height, and nobody what proves rounds of it.
    for node in &mut nodes[1..] {
        node.deaf_to = Some(Box::new(move |sent| match sent {
            Sent::Broadcast(PeerMessage::Consensus(Message::Vote(signed))) => {
                signed.vote.height == height + 1 && signed.vote.kind == VoteKind::Precommit
            }
            Sent::Broadcast(PeerMessage::Consensus(message)) => message.height() == height + 1,
            _ => false,
        }));
    }
    let transaction = statement(&genesis.chain_id(), &signer(), "b", 99, None, EXPIRY_MS);
    nodes[0].submit(transaction).expect("pooled");
    exchange(&mut nodes, &[]);
    reach(&mut nodes, &[], height + 1, &[0]);
    assert!(nodes[1..].iter().all(|node| node.height() == height), "nobody else could decide");
    reach(&mut nodes, &[], height + 3, &[0, 1, 2, 3, 4]);
    roots_agree(&nodes, height + 3);
}

#[test]
fn what_expires_while_nothing_can_be_decided_leaves_the_pool() {
    let (_folders, genesis, mut nodes) = network(&[2, 3, 4]);
    let expiry_ms = nodes[0].now_ms + 30_000;
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, expiry_ms);
    let id = transaction.id();
    nodes[0].submit(transaction).expect("it waits");
    for _ in 0..400 {
        pass_time(&mut nodes, &[2, 3, 4], 100);
    }
    assert!(matches!(nodes[0].settled.get(&id), Some(Outcome::Refused(Rule::Expired { .. }))));
    assert_eq!(nodes[0].replica.report().mempool_transactions, 0);
    assert_eq!(nodes[1].replica.report().mempool_transactions, 0, "nor is it kept elsewhere");
}

#[test]
fn no_organization_can_fill_the_pool() {
    let genesis = genesis(4);
    let folder = tempfile::tempdir().expect("a folder");
    let limits = MempoolLimits { bytes_max: 1 << 20, transactions_max: 9 };
    let (key, store) = (Key::new(1), MemoryStore::default());
    let mut node = Node::boot_with(&genesis, Some(&key), folder.path(), store, limits);
    node.feed(Event::Started);
    let mut submit = |key: &Key, nonce: u8| {
        let name = format!("file {nonce}");
        node.submit(statement(&genesis.chain_id(), key, &name, nonce, None, EXPIRY_MS))
    };
    let pushed = (0..9).take_while(|nonce| submit(&signer(), *nonce).is_ok()).count();
    assert_eq!(pushed, 5, "alone it gets half");
    let refused = submit(&signer(), 100);
    assert!(
        matches!(&refused, Err(AdmissionError::Full { organization, .. }) if organization.to_string() == "acme"),
        "{refused:?}"
    );
    let pushed = (10..19).take_while(|nonce| submit(&other_signer(), *nonce).is_ok()).count();
    assert_eq!(pushed, 2, "of the rest, the other gets half");
}
