//! A running node: opened, served, and ended in bounded time.
//!
//! ```text
//! open ─▶ replica thread ─▶ gRPC, HTTP ─▶ (signal, or the replica's end) ─▶ drain ─▶ stop ─▶ exit
//! ```

use std::future::pending;
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use libp2p::Multiaddr;
use tokio::runtime::Runtime;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::{BlockLog, RocksStore};
use vouchsafe_replica::Replica;
use vouchsafe_types::signature::SignatureRule;

use crate::admission::AdmissionQueue;
use crate::config::{Config, P2pAddresses};
use crate::disk::Disk;
use crate::effects::Effects;
use crate::fetched::FetchedQueue;
use crate::full_shares::FullShares;
use crate::home::Home;
use crate::inbox::{self, ReplicaQueue};
use crate::key_ring::ConsensusSigner;
use crate::listeners::{Addresses, Listeners, ListenersFile};
use crate::metrics::Metrics;
use crate::network::{AnswerPeer, Bound, NetworkHandle, Surroundings};
use crate::open::{self, Opened};
use crate::replica_thread::{self, Ended, FatalError};
use crate::shutdown::{DRAIN, NETWORK_STOP, REPLICA_STOP, Signals, Stopping};
use crate::state::{NodeState, Shared};
use crate::waiters::Waiters;
use crate::{api, http, service_manager, tls};

/// The most reads from disk at one time.
const BLOCKING_THREADS_MAX: usize = 64;
/// What is left of reads when the process ends may take this long.
const READS_STOP: Duration = Duration::from_secs(1);

/// Runs a node until a signal stops it. The caller holds the home's lock.
///
/// # Errors
/// Why it could not start, or why it had to stop.
pub(crate) fn run(
    home: &Home,
    config: &Config,
    genesis: Genesis,
    answer: AnswerPeer,
    announce: impl FnOnce(&Addresses),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .context("cannot start the program's threads")?;
    let result = runtime.block_on(run_on(&runtime, home, config, genesis, answer, announce));
    runtime.shutdown_timeout(READS_STOP);
    result
}

/// How many threads serve network and API. One core is left to the replica and the signature
/// check, which have threads of their own; more threads than cores wake each other for nothing.
fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).max(1)
}

async fn run_on(
    runtime: &Runtime,
    home: &Home,
    config: &Config,
    genesis: Genesis,
    answer: AnswerPeer,
    announce: impl FnOnce(&Addresses),
) -> Result<()> {
    let mut signals = Signals::catch().context("cannot catch signals")?;
    let tls = tls::server(home.path(), &config.grpc)?;
    ListenersFile::remove_stale(&home.listeners());
    let metrics = Arc::new(Metrics::new(&genesis));
    metrics.set_mempool_limits(config.mempool.transactions_max, config.mempool.bytes_max);
    let p2p = config.p2p.read()?;
    service_manager::status("opening the data");
    let opened = tokio::select! {
        opened = open_beside(home, config, &genesis, &p2p, Arc::clone(&metrics)) => opened?,
        name = signals.stop() => {
            // What opening writes survives a kill, and so it survives this.
            tracing::info!("{name} before the data was open");
            return Ok(());
        }
    };
    let Listeners { grpc, http, mut addresses } =
        Listeners::bind(config.grpc.listen, config.grpc.encrypts(), config.http.listen).await?;
    let Opened { replica, disk, node_key, members, signature_rule, signer } = opened;
    let bound = if members.is_alone() {
        None
    } else {
        Some(Bound::bind(&genesis, &node_key, members, p2p.listen).await?)
    };
    addresses.p2p =
        bound.as_ref().and_then(|bound| bound.address.as_ref()).map(Multiaddr::to_string);
    let (stop, stopping) = Stopping::channel();
    let node = Node {
        replica,
        disk,
        genesis,
        signature_rule,
        signer,
        metrics,
        stopping: stopping.clone(),
        answer,
    };
    let (state, queue, ended, network) = node.start(bound)?;

    let servers = Servers {
        grpc: runtime.spawn(api::serve(grpc, tls, state.clone(), stopping.clone())),
        http: runtime.spawn(http::serve(http, state.clone(), stopping)),
        network,
    };
    let _file = ListenersFile::write(home.listeners(), &addresses)?;
    let p2p = addresses.p2p.as_deref();
    tracing::info!(grpc = %addresses.grpc_url(), http = %addresses.http, p2p, "listening");
    announce(&addresses);
    service_manager::ready();
    runtime.spawn(service_manager::keep_telling(state));
    serve(signals, servers, stop, queue, ended).await
}

/// Opens the data on a thread that may wait for the disk.
async fn open_beside(
    home: &Home,
    config: &Config,
    genesis: &Genesis,
    p2p: &P2pAddresses,
    metrics: Arc<Metrics>,
) -> Result<Opened> {
    let (home, mempool, genesis) = (home.clone(), config.mempool.clone(), genesis.clone());
    let peers = p2p.peers.clone();
    let opening = move || open::open(&home, &genesis, &mempool, &peers, metrics);
    let opened = tokio::task::spawn_blocking(opening).await;
    Ok(opened.context("opening the data failed: this is a fault of the program, report it")??)
}

/// The servers' tasks.
struct Servers {
    grpc: JoinHandle<Result<(), tonic::transport::Error>>,
    http: JoinHandle<io::Result<()>>,
    /// None: the chain has no other member.
    network: Option<JoinHandle<()>>,
}

/// Waits for a reason to stop, and stops.
async fn serve(
    mut signals: Signals,
    mut servers: Servers,
    stop: watch::Sender<bool>,
    queue: ReplicaQueue,
    mut ended: Ended,
) -> Result<()> {
    let mut replica_end = None;
    let mut server_end = None;
    tokio::select! {
        name = signals.stop() => {
            tracing::info!("{name}: finishing what is in flight, at most {DRAIN:?}");
        }
        end = &mut ended => {
            tracing::error!("the replica ended: {}", describe(&end));
            replica_end = Some(end);
        }
        end = servers.ended() => {
            tracing::error!("{end}");
            server_end = Some(end);
        }
    }
    service_manager::stopping();
    tokio::spawn(signals.stop_at_once());
    // An error means that both servers have ended.
    let _ = stop.send(true);
    if server_end.is_none() {
        servers.drain().await;
    }
    let end = match replica_end {
        Some(end) => end,
        None => stop_replica(queue, ended).await?,
    };
    if server_end.is_none() {
        servers.stop_network().await;
    }
    end.unwrap_or(Err(FatalError::Panicked))?;
    tracing::info!("stopped");
    server_end.map_or(Ok(()), Err)
}

impl Servers {
    /// Waits for a server that ends without being asked to.
    async fn ended(&mut self) -> anyhow::Error {
        let network = async {
            match &mut self.network {
                Some(network) => network.await,
                None => pending().await,
            }
        };
        let (name, end) = tokio::select! {
            end = &mut self.grpc => ("gRPC", failure(end)),
            end = &mut self.http => ("HTTP", failure(end)),
            end = network => ("peer network's", failure(end.map(Ok::<(), io::Error>))),
        };
        anyhow!("the {name} server ended: {end}; look at the log before it, and start again")
    }

    /// Waits for the network, which ends once the replica has: nobody is left to command it.
    async fn stop_network(&mut self) {
        if let Some(network) = &mut self.network
            && timeout(NETWORK_STOP, network).await.is_err()
        {
            tracing::warn!("the peer network did not end within {NETWORK_STOP:?}: cut off");
        }
    }

    /// Waits for calls in flight, and cuts those that take too long.
    async fn drain(&mut self) {
        let both = async { (failure((&mut self.grpc).await), failure((&mut self.http).await)) };
        if timeout(DRAIN, both).await.is_err() {
            tracing::warn!("calls were still in flight after {DRAIN:?}: cut off");
            self.grpc.abort();
            self.http.abort();
        }
    }
}

fn failure<E: std::fmt::Display>(end: Result<Result<(), E>, tokio::task::JoinError>) -> String {
    match end {
        Ok(Ok(())) => "without an error".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    }
}

/// Everything that is opened and not yet running.
struct Node {
    replica: Replica<RocksStore>,
    disk: Disk,
    genesis: Genesis,
    signature_rule: Arc<dyn SignatureRule>,
    signer: ConsensusSigner,
    metrics: Arc<Metrics>,
    stopping: Stopping,
    answer: AnswerPeer,
}

/// What runs: what requests see, the replica's queue and end, and the network's task.
type Started = (NodeState, ReplicaQueue, Ended, Option<JoinHandle<()>>);

impl Node {
    fn start(self, bound: Option<Bound>) -> io::Result<Started> {
        let Self { replica, disk, genesis, signature_rule, signer, metrics, stopping, answer } =
            self;
        let (reader, waiters, store) = (replica.reader(), Waiters::new(), disk.store.clone());
        let (report_sender, report) = watch::channel(replica.report());
        let (height_sender, height) = watch::channel(replica.report().height);
        metrics.height.set(i64::try_from(*height.borrow()).unwrap_or(i64::MAX));
        let (handle, bound) = match bound {
            Some(bound) => {
                let (handle, commands) = NetworkHandle::channel(Arc::clone(&metrics.network));
                (handle, Some((bound, commands)))
            }
            None => (NetworkHandle::alone(Arc::clone(&metrics.network)), None),
        };
        let effects =
            Effects::new(disk, waiters.clone(), height_sender, handle, Arc::clone(&metrics));
        let (queue, inbox) = inbox::channel();
        let ended = replica_thread::start(replica, effects, inbox, report_sender)?;
        let forward = queue.clone();
        // The thread ends with the last clone of its queue; nothing depends on when.
        let (admission, _thread) =
            AdmissionQueue::start(genesis.chain_id(), move |batch| forward.submit(batch))?;
        let network = match bound {
            Some((bound, commands)) => Some(bound.run(Surroundings {
                commands,
                replica: queue.clone(),
                admission: admission.clone(),
                fetched: FetchedQueue::start(genesis.clone(), signature_rule, queue.clone())?,
                store,
                answer,
                metrics: Arc::clone(&metrics.network),
            })),
            None => None,
        };
        let shared = Shared {
            genesis,
            reader,
            admission,
            waiters,
            report,
            height,
            metrics,
            stopping,
            signer,
            full_shares: FullShares::default(),
            block_log: BlockLog::default(),
        };
        Ok((NodeState::new(shared), queue, ended, network))
    }
}

/// What became of the replica's thread; nothing if it panicked.
type End = Result<Result<(), FatalError>, RecvError>;

fn describe(end: &End) -> String {
    match end {
        Ok(Ok(())) => "without an error".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => FatalError::Panicked.to_string(),
    }
}

async fn stop_replica(queue: ReplicaQueue, ended: Ended) -> Result<End> {
    queue.stop();
    timeout(REPLICA_STOP, ended).await.map_err(|_| {
        anyhow!(
            "the replica did not stop within {REPLICA_STOP:?}: the disk may hang; nothing \
             acknowledged is lost"
        )
    })
}
