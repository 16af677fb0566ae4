//! Four validators of four organizations, as real processes: what is signed through one is proven
//! by every other, without one of them, and again by that one when it is back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vouchsafe_testnet::checks;
use vouchsafe_testnet::error::TestnetError;
use vouchsafe_testnet::founding::Founding;
use vouchsafe_testnet::load::{Acknowledged, Load};
use vouchsafe_testnet::process::ProcessState;
use vouchsafe_testnet::statement::{Author, Supply};
use vouchsafe_testnet::testnet::Testnet;
use vouchsafe_testnet::trial_error::TrialError;
use vouchsafe_types::identity::OrganizationId;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program under test, which is built beside this package's own.
fn vouchsafed() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_vouchsafe-testnet")).with_file_name("vouchsafed");
    assert!(path.exists(), "{} is missing: run scripts/build first", path.display());
    path
}

/// A testnet that leaves no process behind, whatever becomes of the test.
struct Network(Testnet);

impl Drop for Network {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for node in self.0.members() {
                eprintln!("node {node} logged:\n{}", self.0.tail(node, 30));
            }
        }
        self.0.down().expect("every node ends");
    }
}

/// Commits some statements through one node.
async fn sign(network: &Testnet, author: &Author, node: u8, count: usize) -> Vec<Acknowledged> {
    let genesis = network.genesis().clone();
    let supply = Supply::prepared(vec![author.clone()], genesis, count).expect("signed");
    let load = Load::start(network, &[node], 2, supply);
    let acknowledged = load.finish(PATIENCE).await.expect("committed");
    assert_eq!(acknowledged.len(), count);
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn four_organizations_agree_go_on_without_one_and_take_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let author = Author::generate(OrganizationId::new("bolt").expect("an id")).expect("a key");
    let signers = vec![(author.public_key(), Some("bolt".to_owned()))];
    let founding = Founding { signers, ..Founding::default() };
    let home = folder.path().join("testnet");
    let testnet = Testnet::found(&home, &vouchsafed(), &founding).expect("founded");
    let mut network = Network(testnet);
    let nodes = network.0.members();
    assert_eq!(nodes, [1, 2, 3, 4]);
    network.0.start(&nodes).expect("started");
    network.0.ready(&nodes).await.expect("ready");

    let mut acknowledged = sign(&network.0, &author, 1, 8).await;
    checks::nothing_lost(&network.0, &nodes, &acknowledged).await.expect("proven by all");

    network.0.kill(&[3]).expect("killed");
    assert_eq!(network.0.process(3), (ProcessState::Dead, None));
    let height = checks::highest(&network.0, &[1, 2, 4]).await.expect("the rest answer");
    acknowledged.extend(sign(&network.0, &author, 2, 8).await);
    let newest = acknowledged.iter().map(|one| one.height).max().expect("some");
    assert!(newest > height, "the rest commit");
    checks::nothing_lost(&network.0, &[1, 2, 4], &acknowledged).await.expect("proven by the rest");

    network.0.start(&[3]).expect("started");
    network.0.reach(&[3], newest, PATIENCE).await.expect("it catches up");
    checks::nothing_lost(&network.0, &nodes, &acknowledged).await.expect("proven by all");
    acknowledged.extend(sign(&network.0, &author, 3, 8).await);
    checks::nothing_lost(&network.0, &nodes, &acknowledged).await.expect("proven by all");
    let common = checks::agreement(&network.0, &nodes).await.expect("one chain");
    assert!(common >= newest);

    assert_eq!(network.0.down().expect("down"), [0_u8; 0], "all end by themselves");
    for node in nodes {
        assert_eq!(network.0.process(node), (ProcessState::Dead, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_quorum_nothing_is_acknowledged_and_all_resumes_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let organization = OrganizationId::new("acme").expect("an id");
    let author = Author::generate(organization.clone()).expect("a key");
    let signers = vec![(author.public_key(), None)];
    let founding = Founding { signers, ..Founding::default() };
    let home = folder.path().join("testnet");
    let testnet = Testnet::found(&home, &vouchsafed(), &founding).expect("founded");
    let mut network = Network(testnet);
    let nodes = network.0.members();
    network.0.start(&nodes).expect("started");
    network.0.ready(&nodes).await.expect("ready");

    let genesis = network.0.genesis().clone();
    let stranger = Author::generate(organization).expect("a key");
    let supply = Supply::prepared(vec![stranger], genesis.clone(), 1).expect("signed");
    let refused = Load::start(&network.0, &[1], 1, supply).finish(PATIENCE).await;
    assert!(matches!(refused, Err(TrialError::Refused { node: 1, .. })), "{refused:?}");
    let unsent = author.state(&genesis).expect("signed");
    let lost = checks::proven_by(&network.0, 1, &[&unsent]).await;
    assert!(matches!(lost, Err(TrialError::Lost { node: 1, .. })), "{lost:?}");

    network.0.kill(&[3, 4]).expect("killed");
    let silent = checks::heights(&network.0, &nodes).await;
    assert!(matches!(silent, Err(TrialError::NoAnswer { node: 3, .. })), "{silent:?}");
    let supply = Supply::prepared(vec![author.clone()], genesis, 1).expect("signed");
    let stalled = Load::start(&network.0, &[1], 1, supply).finish(Duration::from_secs(3)).await;
    assert!(matches!(stalled, Err(TrialError::Stalled { .. })), "{stalled:?}");
    let height = checks::highest(&network.0, &[1, 2]).await.expect("they answer");
    let within = Duration::from_millis(100);
    let waited = network.0.reach(&[1], height + 2, within).await;
    assert!(matches!(waited, Err(TestnetError::NotReady { node: 1, .. })), "{waited:?}");

    // Nobody submits it any more: node 1 has it.
    network.0.start(&[3, 4]).expect("started");
    network.0.reach(&nodes, height + 1, PATIENCE).await.expect("it goes on");
    let acknowledged = sign(&network.0, &author, 4, 1).await;
    checks::nothing_lost(&network.0, &nodes, &acknowledged).await.expect("proven by all");
    checks::agreement(&network.0, &nodes).await.expect("one chain");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_follows_and_several_validators_of_one_organization_have_their_powers() {
    let folder = tempfile::tempdir().expect("a folder");
    let author = Author::generate(OrganizationId::new("acme").expect("an id")).expect("a key");
    let founding = Founding {
        validators: 3,
        observers: 1,
        organizations: Some(2),
        signers: vec![(author.public_key(), None)],
        powers: vec![2, 1, 1],
        parameters: vec!["heartbeat_ms=2000".to_owned()],
        namespaces: false,
    };
    let home = folder.path().join("testnet");
    let testnet = Testnet::found(&home, &vouchsafed(), &founding).expect("founded");
    let mut network = Network(testnet);
    let genesis = network.0.genesis();
    assert_eq!(genesis.parameters().heartbeat_ms, 2_000);
    assert_eq!((genesis.validators().len(), genesis.observers().len()), (3, 1));
    assert_eq!(genesis.organizations().len(), 2);
    let mut powers: Vec<_> = genesis.validators().iter().map(|entry| entry.power).collect();
    powers.sort_unstable();
    assert_eq!(powers, [1, 1, 2]);
    let nodes = network.0.members();
    network.0.start(&nodes).expect("started");
    network.0.ready(&nodes).await.expect("ready");
    let acknowledged = sign(&network.0, &author, 1, 4).await;
    checks::nothing_lost(&network.0, &[4], &acknowledged).await.expect("the observer proves it");
    assert!(!network.0.api(4).info().await.expect("it answers").votes);
    checks::agreement(&network.0, &nodes).await.expect("one chain");

    network.0.stop(&[4]).expect("ended");
    network.0.replace_program(4, Path::new("/bin/false")).expect("there");
    network.0.start(&[4]).expect("started");
    let ended = network.0.ready(&[4]).await;
    assert!(matches!(ended, Err(TestnetError::Ended { node: 4, .. })), "{ended:?}");
}
