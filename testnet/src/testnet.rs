//! A network of real `vouchsafed` processes, and what can be done to it.
//!
//! ```text
//! found ─▶ start ─▶ ready ─▶ kill, pause, resume, restart, partition ─▶ stop ─▶ wipe
//! ```
//!
//! The processes outlive whoever started them; [`Testnet::open`] finds them again.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use vouchsafe_genesis::Genesis;
use vouchsafe_types::verifier::Verifier;

use crate::api::NodeApi;
use crate::configuration;
use crate::cut::Cut;
use crate::error::{TestnetError, storage};
use crate::founding::{Founding, choose};
use crate::layout::Layout;
use crate::namespace::Namespaces;
use crate::port::{PortChooser, is_free};
use crate::process::{Process, ProcessState};
use crate::program;
use crate::state::{Lock, NodeState, Role, State};

/// A node that starts is ready within this time.
pub const READY_WITHIN: Duration = Duration::from_secs(60);
/// A node that is told to end does within this time, or is killed.
pub const STOP_WITHIN: Duration = Duration::from_secs(20);
/// A signal that pauses or resumes has its effect within this time.
const PAUSE_WITHIN: Duration = Duration::from_secs(10);
/// How long a poll pauses.
const POLL_PAUSE: Duration = Duration::from_millis(20);
/// So many of a log's last lines are shown.
const TAIL_LINES: usize = 12;

/// A testnet, held by this process alone.
#[derive(Debug)]
pub struct Testnet {
    layout: Layout,
    vouchsafed: PathBuf,
    state: State,
    genesis: Genesis,
    _lock: Lock,
}

impl Testnet {
    /// Makes a testnet in a folder that is empty or not there. Nothing runs yet.
    ///
    /// # Errors
    /// What is asked for wrongly, or cannot be made.
    pub fn found(
        home: &Path,
        vouchsafed: &Path,
        founding: &Founding,
    ) -> Result<Self, TestnetError> {
        std::fs::create_dir_all(home).map_err(storage("make", home))?;
        // Absolute, because nodes are told of it.
        let home = std::fs::canonicalize(home).map_err(storage("find", home))?;
        let mut entries = std::fs::read_dir(&home).map_err(storage("list", &home))?;
        if entries.next().is_some() {
            return Err(TestnetError::NotEmpty(home));
        }
        let layout = Layout::new(&home);
        let lock = Lock::take(&layout)?;
        let state = founding.found(&layout, vouchsafed)?;
        let genesis = read_genesis(&layout)?;
        Ok(Self { layout, vouchsafed: vouchsafed.to_owned(), state, genesis, _lock: lock })
    }

    /// The testnet of a folder, whatever of it runs.
    ///
    /// # Errors
    /// [`TestnetError::NoTestnet`], [`TestnetError::Locked`], or what is damaged.
    pub fn open(home: &Path, vouchsafed: &Path) -> Result<Self, TestnetError> {
        let missing = |_| TestnetError::NoTestnet(home.to_owned());
        let layout = Layout::new(&std::fs::canonicalize(home).map_err(missing)?);
        // Read before the lock is taken, which would make a file in a folder that is not ours.
        State::read(&layout)?;
        let lock = Lock::take(&layout)?;
        let state = State::read(&layout)?;
        let genesis = read_genesis(&layout)?;
        Ok(Self { layout, vouchsafed: vouchsafed.to_owned(), state, genesis, _lock: lock })
    }

    /// Where the files lie.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the testnet is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The genesis document.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// What proves the nodes' answers.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.genesis.chain_id(), self.genesis.validator_set().clone())
    }

    /// The numbers of the nodes that the genesis document names.
    #[must_use]
    pub fn members(&self) -> Vec<u8> {
        let members = self.state.nodes.iter().filter(|node| node.role != Role::Guest);
        members.map(|node| node.number).collect()
    }

    /// A node.
    ///
    /// # Panics
    /// Without such a node: numbers come from [`State::number`] or [`Testnet::members`].
    #[must_use]
    pub fn node(&self, number: u8) -> &NodeState {
        let found = self.state.nodes.iter().find(|node| node.number == number);
        found.expect("the number is one of this testnet's")
    }

    /// A node's API. To be called within a Tokio runtime.
    #[must_use]
    pub fn api(&self, number: u8) -> NodeApi {
        let addresses = self.node(number).addresses;
        NodeApi::new(addresses.grpc, addresses.http)
    }

    /// How a node's process is, and its id while there is one.
    #[must_use]
    pub fn process(&self, number: u8) -> (ProcessState, Option<u32>) {
        process_of(&self.layout, number)
    }

    fn running(&self, number: u8) -> Option<Process> {
        let process = Process::read(&self.layout.pid(number))?;
        (process.state() != ProcessState::Dead).then_some(process)
    }

    fn alive(&self, number: u8) -> Result<Process, TestnetError> {
        self.running(number).ok_or(TestnetError::NotRunning(number))
    }

    /// Starts those of the nodes that do not run. They may not be ready yet.
    ///
    /// # Errors
    /// What cannot be started.
    pub fn start(&mut self, nodes: &[u8]) -> Result<(), TestnetError> {
        let down: Vec<_> =
            nodes.iter().copied().filter(|node| self.running(*node).is_none()).collect();
        if let Some(namespaces) = Namespaces::of(&self.state) {
            let all: Vec<_> = self.state.nodes.iter().map(|node| node.number).collect();
            if namespaces.create(&all)? {
                // Made anew, after a reboot or a crash: nothing is cut there.
                self.state.cuts.clear();
                self.state.write(&self.layout)?;
            }
        }
        for node in &down {
            self.avoid_busy_ports(*node)?;
        }
        down.iter().try_for_each(|node| self.launch(*node))
    }

    /// Gives a node that does not run other ports if somebody has taken one of its own.
    fn avoid_busy_ports(&mut self, number: u8) -> Result<(), TestnetError> {
        let addresses = self.node(number).addresses;
        let free = [addresses.grpc, addresses.http, addresses.p2p].into_iter().all(is_free);
        if self.state.subnet.is_some() || free {
            return Ok(());
        }
        let all = self.state.nodes.iter().map(|node| node.addresses);
        let avoid = all.flat_map(|of| [of.grpc.port(), of.http.port(), of.p2p.port()]);
        let mut chooser = PortChooser::new(IpAddr::V4(Ipv4Addr::LOCALHOST), avoid);
        let chosen = choose(&mut chooser)?;
        let node = self.state.nodes.iter_mut().find(|node| node.number == number);
        node.expect("the number is one of this testnet's").addresses = chosen;
        self.state.write(&self.layout)?;
        // The others learn it when they start again; until then this node dials them.
        let mut nodes = self.state.nodes.iter();
        nodes.try_for_each(|node| configuration::write(&self.layout, &self.state, node))
    }

    fn launch(&self, number: u8) -> Result<(), TestnetError> {
        let program = self.node(number).program.as_ref().unwrap_or(&self.vouchsafed);
        let mut command = match Namespaces::of(&self.state) {
            Some(namespaces) => namespaces.command(number, program),
            None => program::command(program),
        };
        // An earlier run's, if it was killed.
        let _ = std::fs::remove_file(self.layout.listeners(number));
        command.arg("start").arg("--home").arg(self.layout.node(number));
        let process = Process::spawn(&command, &self.layout.log(number))?;
        process.write(&self.layout.pid(number))
    }

    /// Waits until nodes that were started answer, and have a block.
    ///
    /// # Errors
    /// [`TestnetError::Ended`], [`TestnetError::NotReady`].
    pub async fn ready(&self, nodes: &[u8]) -> Result<(), TestnetError> {
        self.reach(nodes, 1, READY_WITHIN).await
    }

    /// Waits until nodes have a height.
    ///
    /// # Errors
    /// [`TestnetError::Ended`], [`TestnetError::NotReady`].
    pub async fn reach(
        &self,
        nodes: &[u8],
        height: u64,
        within: Duration,
    ) -> Result<(), TestnetError> {
        let began = Instant::now();
        for node in nodes {
            let api = self.api(*node);
            loop {
                if api.info().await.is_ok_and(|info| info.height >= height) {
                    break;
                }
                if self.running(*node).is_none() {
                    return Err(self.ended(*node));
                }
                if began.elapsed() >= within {
                    let (path, tail) = (self.layout.log(*node), self.tail(*node, TAIL_LINES));
                    return Err(TestnetError::NotReady { node: *node, within, path, tail });
                }
                tokio::time::sleep(POLL_PAUSE).await;
            }
        }
        Ok(())
    }

    /// That a node has ended which should run, with the end of its log.
    pub(crate) fn ended(&self, number: u8) -> TestnetError {
        let (path, tail) = (self.layout.log(number), self.tail(number, TAIL_LINES));
        TestnetError::Ended { node: number, path, tail }
    }

    /// The last lines of a node's log.
    #[must_use]
    pub fn tail(&self, number: u8, lines: usize) -> String {
        crate::logs::tail(&self.layout.log(number), lines).unwrap_or_default()
    }

    /// `kill -9`: all of them at once, before waiting for any; returns the time from the first to
    /// the last signal.
    ///
    /// # Errors
    /// [`TestnetError::NotRunning`], and those of [`Process::kill`].
    pub fn kill(&self, nodes: &[u8]) -> Result<Duration, TestnetError> {
        let processes: Vec<_> =
            nodes.iter().map(|node| self.alive(*node)).collect::<Result<_, _>>()?;
        let began = Instant::now();
        processes.iter().try_for_each(|process| process.signal_at_once(Signal::SIGKILL))?;
        let spread = began.elapsed();
        processes.iter().try_for_each(Process::kill)?;
        Ok(spread)
    }

    /// Stops nodes where they are (SIGSTOP).
    ///
    /// # Errors
    /// [`TestnetError::NotRunning`], [`TestnetError::Signal`].
    pub fn pause(&self, nodes: &[u8]) -> Result<(), TestnetError> {
        self.switch(nodes, Signal::SIGSTOP, ProcessState::Paused)
    }

    /// Lets paused nodes go on (SIGCONT).
    ///
    /// # Errors
    /// [`TestnetError::NotRunning`], [`TestnetError::Signal`].
    pub fn resume(&self, nodes: &[u8]) -> Result<(), TestnetError> {
        self.switch(nodes, Signal::SIGCONT, ProcessState::Running)
    }

    fn switch(
        &self,
        nodes: &[u8],
        signal: Signal,
        state: ProcessState,
    ) -> Result<(), TestnetError> {
        for node in nodes {
            let process = self.alive(*node)?;
            process.signal(signal)?;
            if !process.becomes_within(state, PAUSE_WITHIN) {
                return Err(TestnetError::NotRunning(*node));
            }
        }
        Ok(())
    }

    /// Ends nodes as an operator does (SIGTERM), and kills those that do not go; returns these.
    ///
    /// # Errors
    /// [`TestnetError::Signal`], [`TestnetError::Unkillable`].
    pub fn stop(&self, nodes: &[u8]) -> Result<Vec<u8>, TestnetError> {
        let processes: Vec<_> =
            nodes.iter().filter_map(|node| Some((*node, self.running(*node)?))).collect();
        for (_, process) in &processes {
            process.ask_to_end()?;
        }
        let mut killed = Vec::new();
        for (node, process) in processes {
            if !process.ended(STOP_WITHIN)? {
                killed.push(node);
            }
        }
        Ok(killed)
    }

    /// Ends all nodes, and removes the network namespaces; returns the nodes that had to be
    /// killed.
    ///
    /// # Errors
    /// Those of [`Testnet::stop`], and of `ip`.
    pub fn down(&mut self) -> Result<Vec<u8>, TestnetError> {
        let all: Vec<_> = self.state.nodes.iter().map(|node| node.number).collect();
        let killed = self.stop(&all)?;
        if let Some(namespaces) = Namespaces::of(&self.state) {
            namespaces.remove()?;
            self.state.cuts.clear();
            self.state.write(&self.layout)?;
        }
        Ok(killed)
    }

    /// Removes the testnet's folder. To be called after [`Testnet::down`].
    ///
    /// # Errors
    /// [`TestnetError::Storage`].
    pub fn wipe(self) -> Result<(), TestnetError> {
        let home = self.layout.home();
        std::fs::remove_dir_all(home).map_err(storage("remove", home))
    }

    /// Cuts the network so, and heals whatever else was cut.
    ///
    /// # Errors
    /// [`TestnetError::NoNamespaces`], and those of `ip`.
    pub fn partition(&mut self, cuts: BTreeSet<Cut>) -> Result<(), TestnetError> {
        let namespaces = Namespaces::of(&self.state)
            .ok_or_else(|| TestnetError::NoNamespaces(self.layout.home().to_owned()))?;
        namespaces.cut(&self.state.cuts, &cuts)?;
        self.state.cuts = cuts;
        self.state.write(&self.layout)
    }

    /// Lets a program other than `vouchsafed`, with its command line, run a node from its next
    /// start on.
    ///
    /// # Errors
    /// [`TestnetError::NoProgram`], [`TestnetError::Storage`].
    pub fn replace_program(&mut self, number: u8, named: &Path) -> Result<(), TestnetError> {
        let path = program::find(Some(named))?;
        let node = self.state.nodes.iter_mut().find(|node| node.number == number);
        node.expect("the number is one of this testnet's").program = Some(path);
        self.state.write(&self.layout)
    }

    /// Adds a node's entry, for a home that lies in its place.
    pub(crate) fn add(&mut self, node: NodeState) -> Result<(), TestnetError> {
        configuration::write(&self.layout, &self.state, &node)?;
        self.state.nodes.push(node);
        self.state.write(&self.layout)
    }

    /// The program of nodes.
    pub(crate) fn vouchsafed(&self) -> &Path {
        &self.vouchsafed
    }
}

/// How a node's process is, and its id while there is one.
pub(crate) fn process_of(layout: &Layout, number: u8) -> (ProcessState, Option<u32>) {
    match Process::read(&layout.pid(number)) {
        Some(process) => match process.state() {
            ProcessState::Dead => (ProcessState::Dead, None),
            state => (state, Some(process.pid())),
        },
        None => (ProcessState::Dead, None),
    }
}

pub(crate) fn read_genesis(layout: &Layout) -> Result<Genesis, TestnetError> {
    let path = layout.genesis();
    let bytes = std::fs::read(&path).map_err(storage("read", &path))?;
    Ok(Genesis::parse(&bytes)?)
}
