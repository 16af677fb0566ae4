//! A running node: opened, served, and ended in bounded time.
//!
//! ```text
//! open ─▶ replica thread ─▶ gRPC, HTTP ─▶ (signal, or the replica's end) ─▶ drain ─▶ stop ─▶ exit
//! ```

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::runtime::Runtime;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vouchsafe_genesis::Genesis;

use crate::admission::AdmissionQueue;
use crate::config::Config;
use crate::effects::Effects;
use crate::home::Home;
use crate::listeners::{Addresses, Listeners, ListenersFile};
use crate::metrics::Metrics;
use crate::open::{self, Opened};
use crate::replica_thread::{self, Ended, FatalError, ReplicaQueue};
use crate::shutdown::{DRAIN, REPLICA_STOP, Signals, Stopping};
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
    announce: impl FnOnce(&Addresses),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .context("cannot start the program's threads")?;
    let result = runtime.block_on(run_on(&runtime, home, config, genesis, announce));
    runtime.shutdown_timeout(READS_STOP);
    result
}

async fn run_on(
    runtime: &Runtime,
    home: &Home,
    config: &Config,
    genesis: Genesis,
    announce: impl FnOnce(&Addresses),
) -> Result<()> {
    let mut signals = Signals::catch().context("cannot catch signals")?;
    let tls = tls::server(home.path(), &config.grpc)?;
    ListenersFile::remove_stale(&home.listeners());
    let metrics = Arc::new(Metrics::new(&genesis));
    metrics.set_mempool_limits(config.mempool.transactions_max, config.mempool.bytes_max);
    service_manager::status("opening the data");
    let opened = tokio::select! {
        opened = open_beside(home, config, &genesis, Arc::clone(&metrics)) => opened?,
        name = signals.stop() => {
            // What opening writes survives a kill, and so it survives this.
            tracing::info!("{name} before the data was open");
            return Ok(());
        }
    };
    let grpc = &config.grpc;
    let listeners = Listeners::bind(grpc.listen, grpc.encrypts(), config.http.listen).await?;
    let (stop, stopping) = Stopping::channel();
    let (state, queue, ended) = start_replica(opened, genesis, metrics, stopping.clone())?;

    let addresses = listeners.addresses;
    let servers = Servers {
        grpc: runtime.spawn(api::serve(listeners.grpc, tls, state.clone(), stopping.clone())),
        http: runtime.spawn(http::serve(listeners.http, state.clone(), stopping)),
    };
    let _file = ListenersFile::write(home.listeners(), &addresses)?;
    tracing::info!(grpc = %addresses.grpc_url(), http = %addresses.http, "listening");
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
    metrics: Arc<Metrics>,
) -> Result<Opened> {
    let (home, mempool, genesis) = (home.clone(), config.mempool.clone(), genesis.clone());
    let opening = move || open::open(&home, &genesis, &mempool, metrics);
    let opened = tokio::task::spawn_blocking(opening).await;
    Ok(opened.context("opening the data failed: this is a fault of the program, report it")??)
}

/// Both servers' tasks.
struct Servers {
    grpc: JoinHandle<Result<(), tonic::transport::Error>>,
    http: JoinHandle<io::Result<()>>,
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
    end.unwrap_or(Err(FatalError::Panicked))?;
    tracing::info!("stopped");
    server_end.map_or(Ok(()), Err)
}

impl Servers {
    /// Waits for a server that ends without being asked to.
    async fn ended(&mut self) -> anyhow::Error {
        let (name, end) = tokio::select! {
            end = &mut self.grpc => ("gRPC", failure(end)),
            end = &mut self.http => ("HTTP", failure(end)),
        };
        anyhow!("the {name} server ended: {end}; look at the log before it, and start again")
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

fn start_replica(
    opened: Opened,
    genesis: Genesis,
    metrics: Arc<Metrics>,
    stopping: Stopping,
) -> io::Result<(NodeState, ReplicaQueue, Ended)> {
    let Opened { replica, disk } = opened;
    let (reader, waiters) = (replica.reader(), Waiters::new());
    let (report_sender, report) = watch::channel(replica.report());
    let (height_sender, height) = watch::channel(replica.report().height);
    metrics.height.set(i64::try_from(*height.borrow()).unwrap_or(i64::MAX));
    let effects = Effects::new(disk, waiters.clone(), height_sender, Arc::clone(&metrics));
    let (queue, ended) = replica_thread::start(replica, effects, report_sender)?;
    let forward = queue.clone();
    // The thread ends with the last clone of its queue; nothing depends on when.
    let (admission, _thread) =
        AdmissionQueue::start(genesis.chain_id(), move |batch| forward.submit(batch))?;
    let shared = Shared { genesis, reader, admission, waiters, report, height, metrics, stopping };
    Ok((NodeState::new(shared), queue, ended))
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
    tokio::task::spawn_blocking(move || queue.stop());
    timeout(REPLICA_STOP, ended).await.map_err(|_| {
        anyhow!(
            "the replica did not stop within {REPLICA_STOP:?}: the disk may hang; nothing \
             acknowledged is lost"
        )
    })
}
