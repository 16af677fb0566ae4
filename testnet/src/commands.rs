//! The commands: each opens the testnet, does one thing to it, and says what it did.

use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::{SignalKind, signal};
use vouchsafe_keys::read_public_key;
use vouchsafe_testnet::bench::{self, Bench};
use vouchsafe_testnet::error::TestnetError;
use vouchsafe_testnet::founding::Founding;
use vouchsafe_testnet::layout::Layout;
use vouchsafe_testnet::process::ProcessState;
use vouchsafe_testnet::state::State;
use vouchsafe_testnet::testnet::Testnet;
use vouchsafe_testnet::trial::{self, Scene};
use vouchsafe_testnet::{cut, logs, program, status, table};

use crate::{chaos_command, fuzzing, simulate};

use crate::cli::{
    BenchArguments, ChaosArguments, Cli, Command, DownArguments, LogsArguments, NodesArgument,
    PartitionArgument, StatusArguments, TrialArguments, UpArguments,
};

/// The folder unless one is named.
const DEFAULT_FOLDER: &str = ".vouchsafe-testnet";
/// How long a watched status stands.
const WATCH_PAUSE: Duration = Duration::from_secs(1);
/// Moves to the first place of a terminal and clears it from there.
const CLEAR: &str = "\x1b[H\x1b[J";

/// Where the testnet is, and what its nodes run.
struct Place {
    named: Option<PathBuf>,
    home: PathBuf,
    vouchsafed: Option<PathBuf>,
}

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    let default = || Some(std::env::home_dir()?.join(DEFAULT_FOLDER));
    let home =
        cli.home.clone().or_else(default).context("there is no home folder: name one by --home")?;
    let place = Place { named: cli.home, home, vouchsafed: cli.vouchsafed };
    match cli.command {
        Command::Up(arguments) => place.up(&arguments).await,
        Command::Down(arguments) => place.down(&arguments),
        Command::Status(arguments) => place.status(&arguments).await,
        Command::Kill(arguments) => {
            place.each(&arguments, "killed", |testnet, nodes| testnet.kill(nodes).map(drop))
        }
        Command::Pause(arguments) => {
            place.each(&arguments, "paused", |testnet, nodes| testnet.pause(nodes))
        }
        Command::Resume(arguments) => {
            place.each(&arguments, "resumed", |testnet, nodes| testnet.resume(nodes))
        }
        Command::Restart(arguments) => place.restart(&arguments).await,
        Command::Partition(arguments) => place.partition(&arguments),
        Command::Logs(arguments) => place.logs(&arguments),
        Command::Trial(arguments) => place.trial(arguments).await,
        Command::Chaos(arguments) => place.chaos(arguments).await,
        Command::Bench(arguments) => place.bench(&arguments).await,
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Fuzz(arguments) => fuzzing::run(&arguments),
    }
}

impl Place {
    fn program(&self) -> Result<PathBuf, TestnetError> {
        program::find(self.vouchsafed.as_deref())
    }

    /// The testnet, for commands that start nothing.
    fn open(&self) -> Result<Testnet, TestnetError> {
        Testnet::open(&self.home, self.vouchsafed.as_deref().unwrap_or(Path::new("")))
    }

    async fn up(&self, arguments: &UpArguments) -> Result<()> {
        let vouchsafed = self.program()?;
        let mut testnet = match Testnet::open(&self.home, &vouchsafed) {
            Ok(testnet) => {
                check_unchanged(&testnet, arguments)?;
                testnet
            }
            Err(TestnetError::NoTestnet(_)) => {
                Testnet::found(&self.home, &vouchsafed, &founding(arguments)?)?
            }
            Err(other) => return Err(other.into()),
        };
        let nodes = testnet.members();
        let state = |node: &u8| testnet.process(*node).0;
        let paused: Vec<_> =
            nodes.iter().copied().filter(|node| state(node) == ProcessState::Paused).collect();
        testnet.resume(&paused)?;
        testnet.start(&nodes)?;
        testnet.ready(&nodes).await?;
        let shown = status::status(testnet.layout()).await?;
        writeln!(stdout(), "{}\n\n{}", table::addresses(&shown), usage(&testnet))?;
        if arguments.foreground {
            interruption().await?;
            report_killed(&testnet.down()?);
        }
        Ok(())
    }

    fn down(&self, arguments: &DownArguments) -> Result<()> {
        let mut testnet = self.open()?;
        report_killed(&testnet.down()?);
        if arguments.wipe {
            testnet.wipe()?;
        }
        Ok(())
    }

    async fn status(&self, arguments: &StatusArguments) -> Result<()> {
        let layout = Layout::new(&self.home);
        loop {
            let shown = status::status(&layout).await?;
            let text = if arguments.json {
                serde_json::to_string(&shown).context("the status is plain data")?
            } else {
                table::health(&shown)
            };
            let clear = arguments.watch && !arguments.json && std::io::stdout().is_terminal();
            let written = writeln!(std::io::stdout(), "{}{text}", if clear { CLEAR } else { "" });
            if written.is_err() || !arguments.watch {
                return Ok(());
            }
            tokio::time::sleep(WATCH_PAUSE).await;
        }
    }

    fn each(
        &self,
        arguments: &NodesArgument,
        done: &str,
        act: impl FnOnce(&Testnet, &[u8]) -> Result<(), TestnetError>,
    ) -> Result<()> {
        let testnet = self.open()?;
        let nodes = numbers(testnet.state(), &arguments.nodes)?;
        act(&testnet, &nodes)?;
        for node in nodes {
            writeln!(stdout(), "node-{node} is {done}")?;
        }
        Ok(())
    }

    async fn restart(&self, arguments: &NodesArgument) -> Result<()> {
        let mut testnet = Testnet::open(&self.home, &self.program()?)?;
        let nodes = numbers(testnet.state(), &arguments.nodes)?;
        report_killed(&testnet.stop(&nodes)?);
        testnet.start(&nodes)?;
        testnet.ready(&nodes).await?;
        for node in nodes {
            writeln!(stdout(), "node-{node} runs")?;
        }
        Ok(())
    }

    fn partition(&self, arguments: &PartitionArgument) -> Result<()> {
        let mut testnet = self.open()?;
        let cuts = cut::parse(&arguments.partition, &testnet.members())?;
        testnet.partition(cuts)?;
        let cuts: Vec<_> = testnet.state().cuts.iter().map(ToString::to_string).collect();
        let cuts = if cuts.is_empty() { "nothing".to_owned() } else { cuts.join(" ") };
        Ok(writeln!(stdout(), "cut: {cuts}")?)
    }

    fn logs(&self, arguments: &LogsArguments) -> Result<()> {
        let layout = Layout::new(&self.home);
        let state = State::read(&layout)?;
        let nodes = if arguments.nodes.is_empty() {
            state.nodes.iter().map(|node| node.number).collect()
        } else {
            numbers(&state, &arguments.nodes)?
        };
        let paths: Vec<_> = nodes.iter().map(|node| layout.log(*node)).collect();
        let prefix = |node: &u8| match nodes.len() {
            1 => String::new(),
            _ => format!("node-{node} | "),
        };
        let files: Vec<_> =
            nodes.iter().map(prefix).zip(paths.iter().map(PathBuf::as_path)).collect();
        let mut output = std::io::stdout();
        if arguments.follow {
            return Ok(logs::follow(&files, arguments.lines, &mut output)?);
        }
        for (prefix, path) in files {
            logs::print(&prefix, &logs::tail(path, arguments.lines)?, &mut output);
        }
        Ok(())
    }

    async fn trial(self, arguments: TrialArguments) -> Result<()> {
        let scene = Scene {
            // The default folder is not for trials: each begins anew.
            folder: self.named.clone(),
            vouchsafed: self.program()?,
            villain: arguments.villain,
            keep: arguments.keep,
        };
        tokio::select! {
            held = trial::run(&scene, arguments.case, arguments.amount) => Ok(held?),
            // Dropping the trial ends its nodes.
            interrupted = interruption() => {
                interrupted?;
                bail!("the trial was interrupted")
            }
        }
    }

    async fn chaos(self, arguments: ChaosArguments) -> Result<()> {
        let scene = Scene {
            folder: self.named.clone(),
            vouchsafed: self.program()?,
            villain: None,
            keep: arguments.keep,
        };
        tokio::select! {
            held = chaos_command::run(&scene, &arguments) => held,
            // Dropping the run ends its nodes.
            interrupted = interruption() => {
                interrupted?;
                bail!("the chaos was interrupted")
            }
        }
    }

    async fn bench(self, arguments: &BenchArguments) -> Result<()> {
        let scene = Scene {
            folder: self.named.clone(),
            vouchsafed: self.program()?,
            villain: None,
            keep: false,
        };
        let (assets, parts) = (arguments.assets, arguments.parts.clone());
        let bench =
            Bench { scene, measured: Duration::from_secs(arguments.seconds), assets, parts };
        let measure = async {
            match arguments.soak {
                Some(seconds) => bench::soak(&bench, Duration::from_secs(seconds)).await,
                None => bench::run(&bench).await,
            }
        };
        let report = tokio::select! {
            report = measure => report?,
            // Dropping the run ends its nodes.
            interrupted = interruption() => {
                interrupted?;
                bail!("the benchmark was interrupted")
            }
        };
        writeln!(stdout(), "{}", report.table())?;
        let write = |path: &Option<PathBuf>, text: String| match path {
            Some(path) => std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display())),
            None => Ok(()),
        };
        write(&arguments.json, serde_json::to_string_pretty(&report)?)?;
        write(&arguments.svg, bench::svg(&report.points))
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn interruption() -> Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for Ctrl-C"),
        _ = terminated.recv() => Ok(()),
    }
}

fn numbers(state: &State, texts: &[String]) -> Result<Vec<u8>, TestnetError> {
    texts.iter().map(|text| state.number(text)).collect()
}

fn report_killed(nodes: &[u8]) {
    for node in nodes {
        eprintln!("node-{node} did not end by itself and was killed");
    }
}

fn founding(arguments: &UpArguments) -> Result<Founding> {
    let signer = |text: &String| {
        let (path, organization) = match text.rsplit_once('=') {
            Some((path, organization)) => (path, Some(organization.to_owned())),
            None => (text.as_str(), None),
        };
        Ok((read_public_key(Path::new(path))?.0, organization))
    };
    let default = Founding::default();
    Ok(Founding {
        validators: arguments.validators.unwrap_or(default.validators),
        observers: arguments.observers.unwrap_or(default.observers),
        organizations: arguments.organizations,
        signers: arguments.signer.iter().map(signer).collect::<Result<_>>()?,
        parameters: arguments.parameter.clone(),
        powers: arguments.powers.clone(),
        namespaces: arguments.netns,
    })
}

/// A testnet that exists is what it is.
fn check_unchanged(testnet: &Testnet, arguments: &UpArguments) -> Result<()> {
    let state = testnet.state();
    let count = |role: &str| state.nodes.iter().filter(|node| node.role.name() == role).count();
    let asked = founding(arguments)?;
    let signs = |(key, organization): &(_, Option<String>)| {
        testnet.genesis().signer(key).is_some_and(|(of, _)| {
            organization.as_ref().is_none_or(|organization| of.id.as_str() == organization)
        })
    };
    let differs = |value: Option<u8>, count: usize| value.is_some_and(|n| usize::from(n) != count);
    let power = |address: &str| {
        let of = testnet.genesis().validators().iter();
        of.clone().find(|entry| entry.address().to_string() == address).map(|entry| entry.power)
    };
    let powers: Vec<_> =
        state.nodes.iter().filter_map(|node| power(node.validator.as_ref()?)).collect();
    let options = [
        ("--validators", differs(arguments.validators, count("validator"))),
        ("--observers", differs(arguments.observers, count("observer"))),
        ("--organizations", differs(arguments.organizations, state.organizations.len())),
        ("--signer", !asked.signers.iter().all(signs)),
        ("--powers", !asked.powers.is_empty() && asked.powers != powers),
        ("--netns", arguments.netns && state.subnet.is_none()),
        ("--parameter", !asked.has_parameters_of(testnet.genesis())?),
    ];
    match options.into_iter().find(|(_, differs)| *differs) {
        Some((option, _)) => {
            let home = testnet.layout().home().to_owned();
            Err(TestnetError::Different { home, option }.into())
        }
        None => Ok(()),
    }
}

/// What to type next.
fn usage(testnet: &Testnet) -> String {
    let layout = testnet.layout();
    let nodes = testnet.state().nodes.iter();
    let nodes: Vec<_> = nodes.map(|node| format!("http://{}", node.addresses.grpc)).collect();
    let key = layout.admin_key(&testnet.state().organizations[0]);
    let plaintext = if testnet.state().subnet.is_some() { " --plaintext" } else { "" };
    format!(
        "Sign and verify through it:\n\n    export VOUCH_GENESIS={genesis}\n    export \
         VOUCH_NODES={nodes}\n    export VOUCH_KEY={key}\n    vouch sign{plaintext} FILE\n    \
         vouch verify{plaintext} FILE",
        genesis = layout.genesis().display(),
        nodes = nodes.join(","),
        key = key.display(),
    )
}
