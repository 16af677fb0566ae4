//! Several real nodes: they agree, lose members, and go on.

use std::net::TcpListener;
use std::path::Path;

use tonic::Code;
use vouchsafe_proto::v1::{
    GetBlockRequest, GetNodeInfoRequest, GetTransactionRequest, Receipt, SubmitAndWaitRequest,
};

use crate::founding::{Founders, ports};
use crate::running::{Running, poll, vouchsafed};
use crate::statements::{Author, genesis, notarize};

/// The members of these chains: four validators, and an observer at last.
const MEMBERS: [&str; 5] = ["acme", "bolt", "corp", "dune", "eyes"];
const VALIDATORS: usize = 4;

/// A chain of real processes.
struct Chain {
    _folder: tempfile::TempDir,
    founders: Founders,
    addresses: Vec<String>,
    nodes: Vec<Running>,
}

impl Chain {
    /// Founds a chain and starts all its nodes.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let founders = Founders::new(folder.path(), &MEMBERS, |command| {
            command.arg("--unencrypted-keys");
        });
        let bound = ports(MEMBERS.len());
        let port = |listener: &TcpListener| listener.local_addr().expect("bound").port();
        let addresses: Vec<_> =
            bound.iter().map(|each| format!("/ip4/127.0.0.1/tcp/{}", port(each))).collect();
        founders.found_each(|index, member| {
            if index < VALIDATORS {
                member.arg("--address").arg(&addresses[index]);
            } else {
                member.arg("--observer");
            }
        });
        drop(bound);
        let nodes = founders.homes.iter().zip(&addresses).map(|(home, at)| spawn(home, at));
        let nodes: Vec<_> = nodes.collect();
        for node in &nodes {
            node.until_ready();
        }
        Self { _folder: folder, founders, addresses, nodes }
    }

    /// Starts a node again that was killed.
    fn start_again(&mut self, index: usize) {
        self.nodes[index] = spawn(&self.founders.homes[index], &self.addresses[index]);
    }

    /// Somebody who signs for a validator's organization.
    fn author(&self, index: usize) -> Author {
        let chain_id = genesis(&self.founders.homes[index]).chain_id();
        Author { chain_id, key: self.founders.signer(index) }
    }

    /// Hands a statement in at a node and waits for its receipt.
    async fn submit(&self, index: usize, content: &str) -> Receipt {
        let transaction = self.author(index % VALIDATORS).state(notarize(content));
        let request = SubmitAndWaitRequest { transaction, wait_ms: 30_000 };
        let mut client = self.nodes[index].client().await;
        client.submit_and_wait(request).await.expect("committed").into_inner()
    }

    /// Waits until a node has a transaction.
    async fn until_known(&self, index: usize, receipt: &Receipt) {
        let mut client = self.nodes[index].client().await;
        let request = GetTransactionRequest { transaction_id: receipt.transaction_id.clone() };
        loop {
            if client.get_transaction(request.clone()).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// All headers up to a height are the same at all nodes.
    async fn agree_up_to(&self, height: u64) {
        for height in 1..=height {
            let mut headers = Vec::new();
            for node in &self.nodes {
                let request = GetBlockRequest { height, with_body: true };
                let answer = node.client().await.get_block(request).await.expect("committed");
                let block = answer.into_inner();
                headers.push((block.head.expect("a head").header, block.block));
            }
            headers.dedup();
            assert_eq!(headers.len(), 1, "two blocks at height {height}");
        }
    }
}

fn spawn(home: &Path, address: &str) -> Running {
    let mut command = vouchsafed();
    command.arg("start").env("VOUCHSAFED_P2P_LISTEN", address);
    command.env("VOUCHSAFED_GRPC_LISTEN", "127.0.0.1:0");
    command.env("VOUCHSAFED_HTTP_LISTEN", "127.0.0.1:0");
    Running::spawn(command, home)
}

fn height_of(receipt: &Receipt) -> u64 {
    use vouchsafe_types::canonical::Canonical;
    use vouchsafe_types::header::Header;
    let head = receipt.head.as_ref().expect("a head");
    Header::from_bytes(&head.header).expect("a header").height
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_in_at_any_node_is_known_at_every_node() {
    let chain = Chain::start();
    let mut receipts = Vec::new();
    for index in 0..MEMBERS.len() {
        receipts.push(chain.submit(index, &format!("of {index}")).await);
    }
    for receipt in &receipts {
        for index in 0..MEMBERS.len() {
            chain.until_known(index, receipt).await;
        }
    }
    chain.agree_up_to(receipts.iter().map(height_of).max().expect("some")).await;
    for (index, node) in chain.nodes.iter().enumerate() {
        assert_eq!(
            node.metric("vouchsafe_votes"),
            Some(if index < VALIDATORS { 1.0 } else { 0.0 })
        );
        let info = node.client().await.get_node_info(GetNodeInfoRequest {}).await.expect("info");
        assert_eq!(info.into_inner().peers, 4);
    }
    for node in chain.nodes {
        assert_eq!(node.stop().code(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_four_is_killed_and_comes_back_and_two_are_too_many() {
    let mut chain = Chain::start();
    chain.submit(0, "with all").await;
    chain.nodes[3].kill();
    for index in 0..3 {
        chain.submit(index, &format!("with three, by {index}")).await;
    }
    chain.start_again(3);
    chain.nodes[3].until_ready();
    let receipt = chain.submit(3, "by the one that is back").await;
    chain.until_known(0, &receipt).await;
    chain.agree_up_to(height_of(&receipt) - 1).await;

    chain.nodes[2].kill();
    chain.nodes[3].kill();
    let transaction = chain.author(0).state(notarize("with two"));
    let request = SubmitAndWaitRequest { transaction, wait_ms: 60_000 };
    let mut client = chain.nodes[0].client().await;
    let refused = client.submit_and_wait(request.clone()).await.expect_err("two of four");
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    assert!(refused.message().contains("the network cannot commit now"), "{refused}");
    chain.start_again(2);
    let receipt = client.submit_and_wait(request).await.expect("three of four").into_inner();
    chain.start_again(3);
    for index in 0..MEMBERS.len() {
        poll("readiness", || (chain.nodes[index].get("/readyz").0 == 200).then_some(()));
        chain.until_known(index, &receipt).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_node_is_let_go_and_comes_back() {
    let chain = Chain::start();
    let connected = |index: usize| chain.nodes[index].metric("vouchsafe_peers");
    chain.nodes[3].signal("STOP");
    for index in 0..3 {
        poll("the pause to be noticed", || (connected(index) == Some(3.0)).then_some(()));
    }
    let receipt = chain.submit(0, "without the one that pauses").await;
    chain.nodes[3].signal("CONT");
    chain.until_known(3, &receipt).await;
    for index in 0..MEMBERS.len() {
        poll("all connections", || (connected(index) == Some(4.0)).then_some(()));
    }
}
