//! Processes that have no place on the chain: a stranger's key, and a validator's key that runs
//! twice.

use std::path::Path;
use std::time::{Duration, Instant};

use vouchsafe_genesis::{Genesis, Member, Observer};
use vouchsafe_keys::peer_id;

use super::arena::{Arena, seconds};
use super::{PATIENCE, Scene};
use crate::api::metric;
use crate::checks;
use crate::error::{TestnetError, storage};
use crate::founding::{Founding, NodeKeys, choose};
use crate::port::PortChooser;
use crate::process::ProcessState;
use crate::state::{NodeState, Role};
use crate::testnet::Testnet;
use crate::trial_error::TrialError;
use crate::vouch;

/// Submissions in flight at each node.
const IN_FLIGHT: usize = 4;
/// So many receipts show that the network moves.
const MOVES: usize = 100;
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(50);
/// Both run side by side for so long before they are started again.
const BOTH_RUN: Duration = Duration::from_secs(15);
/// The validator whose keys are stolen.
const STOLEN: u8 = 2;
/// What a node counts when it refuses somebody who is no member.
const REFUSED: &str = "vouchsafe_p2p_refused_connections_total";
/// How many pieces of evidence an honest node holds that no block holds yet.
const WAITING: &str = "vouchsafe_waiting_evidence";
/// What an honest node counts when a validator contradicts itself.
const MISBEHAVIOUR: &str = "vouchsafe_misbehaviour_total";

/// A process whose key is no member's is refused: by its own genesis document, and by the nodes
/// when it brings another.
pub(super) async fn stranger(scene: &Scene) -> Result<(), TrialError> {
    let mut arena = Arena::open(scene, Founding::default()).await?;
    let nodes = arena.nodes();
    let guest = add_guest(&mut arena.testnet, |_, _| Ok(()))?;
    arena.testnet.start(&[guest])?;
    let began = Instant::now();
    while arena.testnet.process(guest).0 != ProcessState::Dead {
        if arena.testnet.api(guest).info().await.is_ok_and(|info| info.height > 0) {
            return Err(TrialError::Admitted("it has blocks".to_owned()));
        }
        if began.elapsed() > PATIENCE {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    println!("  with the chain's own genesis: {}", arena.testnet.tail(guest, 1));
    arena.testnet.stop(&[guest])?;
    let forged = forge_genesis(&arena.testnet, guest)?;
    let path = arena.testnet.layout().node(guest).join("genesis.json");
    std::fs::write(&path, forged).map_err(storage("write", &path))?;
    arena.testnet.start(&[guest])?;
    let load = arena.load(IN_FLIGHT);
    let refused = async || sum(&arena.testnet, &nodes, REFUSED).await >= 1.0;
    if !wait(PATIENCE, refused).await {
        let what = "a stranger's connection is refused".to_owned();
        return Err(TrialError::Stalled { what, within: PATIENCE });
    }
    let began = Instant::now();
    load.more(MOVES, PATIENCE).await?;
    println!(
        "  with a genesis of its own: refused {} times; {MOVES} receipts in {} meanwhile",
        sum(&arena.testnet, &nodes, REFUSED).await,
        seconds(began.elapsed())
    );
    for node in &nodes {
        let info = arena.testnet.api(*node).info().await;
        let info =
            info.map_err(|status| TrialError::NoAnswer { node: *node, status: status.into() })?;
        if info.peers as usize >= nodes.len() {
            return Err(TrialError::Admitted(format!("node {node} has {} peers", info.peers)));
        }
    }
    if arena.testnet.api(guest).info().await.is_ok_and(|info| info.height > 0 || info.peers > 0) {
        return Err(TrialError::Admitted("it has blocks or peers".to_owned()));
    }
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}

/// A validator's keys run twice, the second time without what the first has signed.
pub(super) async fn twin(scene: &Scene, seconds_run: u64) -> Result<(), TrialError> {
    let mut arena = Arena::open(scene, Founding::default()).await?;
    let original = arena.testnet.layout().node(STOLEN).join("keys");
    let guest = add_guest(&mut arena.testnet, |home, node| {
        for name in ["consensus", "consensus.pub", "node", "node.pub"] {
            let path = home.join("keys").join(name);
            std::fs::copy(original.join(name), &path).map_err(storage("write", &path))?;
        }
        node.peer_id.clone_from(&stolen_peer_id(&original)?);
        Ok(())
    })?;
    let load = arena.load(IN_FLIGHT);
    load.more(MOVES, PATIENCE).await?;
    let honest: Vec<_> = arena.nodes().into_iter().filter(|node| *node != STOLEN).collect();
    let began = Instant::now();
    let mut noticed = None;
    while noticed.is_none() && began.elapsed() < Duration::from_secs(seconds_run) {
        meet_both(&mut arena.testnet, guest, &honest).await?;
        let contradiction = async || sum(&arena.testnet, &honest, MISBEHAVIOUR).await > 0.0;
        if wait(BOTH_RUN, contradiction).await {
            noticed = Some(began.elapsed());
        }
    }
    load.more(1, PATIENCE).await?;
    let state = arena.testnet.process(guest).0;
    println!("  the twin is {state:?}; its log ends: {}", arena.testnet.tail(guest, 1));
    arena.testnet.stop(&[guest])?;
    if noticed.is_some() {
        let settled = async || sum(&arena.testnet, &honest, WAITING).await == 0.0;
        if !wait(PATIENCE, settled).await {
            let what = "all evidence comes into a block".to_owned();
            return Err(TrialError::Stalled { what, within: PATIENCE });
        }
    }
    let height = arena.check(&load.stop().await?).await?;
    let evidence = checks::evidence(&arena.testnet, honest[0], 1..=height).await?;
    if evidence == 0 {
        return Err(TrialError::NoEvidence { seconds: seconds_run });
    }
    if let Some(after) = noticed {
        println!("  contradictions noticed {} after the start", seconds(after));
    }
    for node in honest {
        let shown = vouch::evidence(&arena.testnet, node)?;
        if shown < evidence {
            let said = format!("{shown} of {evidence} offences");
            return Err(TrialError::NotShown { node, said });
        }
    }
    println!("  {evidence} pieces of evidence in blocks; vouch proves them by each honest node");
    arena.close();
    Ok(())
}

/// Lets some honest nodes meet the second process of a key first, and one the first: a node hears
/// the one that it met first, so that together they hear both.
async fn meet_both(testnet: &mut Testnet, guest: u8, honest: &[u8]) -> Result<(), TrialError> {
    let (last, others) = honest.split_last().expect("three of four are honest");
    testnet.kill(&[STOLEN])?;
    testnet.stop(&[guest, *last])?;
    testnet.start(&[guest])?;
    let met = async || {
        let info = testnet.api(guest).info().await;
        info.is_ok_and(|info| info.peers as usize >= others.len())
    };
    if !wait(PATIENCE, met).await {
        let what = "a validator's second process meets the others".to_owned();
        return Err(TrialError::Stalled { what, within: PATIENCE });
    }
    Ok(testnet.start(&[STOLEN, *last])?)
}

/// Polls until something is so; false if it is not within that time.
async fn wait(within: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so().await {
        if began.elapsed() >= within {
            return false;
        }
        tokio::time::sleep(PAUSE).await;
    }
    true
}

/// A metric of some nodes together.
async fn sum(testnet: &Testnet, nodes: &[u8], name: &str) -> f64 {
    let mut sum = 0.0;
    for node in nodes {
        let text = testnet.api(*node).metrics().await.unwrap_or_default();
        sum += metric(&text, name).unwrap_or(0.0);
    }
    sum
}

fn stolen_peer_id(keys: &Path) -> Result<String, TestnetError> {
    let (key, _) = vouchsafe_keys::read_public_key(&keys.join("node.pub"))?;
    Ok(peer_id(&key)?.to_base58())
}

/// Adds a home with keys and the chain's genesis document, to be changed before it is entered.
fn add_guest(
    testnet: &mut Testnet,
    change: impl FnOnce(&Path, &mut NodeState) -> Result<(), TestnetError>,
) -> Result<u8, TestnetError> {
    let number = u8::try_from(testnet.state().nodes.len() + 1).unwrap_or(u8::MAX);
    let home = testnet.layout().node(number);
    let keys = NodeKeys::make(testnet.vouchsafed(), &home)?;
    let genesis = home.join("genesis.json");
    std::fs::copy(testnet.layout().genesis(), &genesis).map_err(storage("write", &genesis))?;
    let all = testnet.state().nodes.iter().map(|node| node.addresses);
    let avoid: Vec<_> =
        all.flat_map(|of| [of.grpc.port(), of.http.port(), of.p2p.port()]).collect();
    let loopback = std::net::Ipv4Addr::LOCALHOST.into();
    let mut node = NodeState {
        number,
        organization: "nobody".to_owned(),
        role: Role::Guest,
        validator: None,
        peer_id: peer_id(&keys.node)?.to_base58(),
        addresses: choose(&mut PortChooser::new(loopback, avoid))?,
        program: None,
    };
    change(&home, &mut node)?;
    testnet.add(node)?;
    Ok(number)
}

/// The chain's genesis document with the guest as an observer: the document of another chain.
fn forge_genesis(testnet: &Testnet, guest: u8) -> Result<String, TestnetError> {
    let genesis = testnet.genesis();
    let home = testnet.layout().node(guest);
    let (key, _) = vouchsafe_keys::read_public_key(&home.join("keys/node.pub"))?;
    let mut members = Vec::new();
    for (index, organization) in genesis.organizations().iter().enumerate() {
        let id = &organization.id;
        let validators = genesis.validators().iter().filter(|entry| entry.organization == *id);
        let observer = Observer { organization: id.clone(), peer_id: peer_id(&key)? };
        let observers = if index == 0 { vec![observer] } else { vec![] };
        members.push(Member::new(organization.clone(), validators.cloned().collect(), observers)?);
    }
    let (name, time_ms) = (genesis.chain_name(), genesis.genesis_time_ms());
    let forged = Genesis::assemble(name, time_ms, *genesis.parameters(), members)?;
    Ok(forged.to_pretty_json())
}
