//! What every command starts from: home, settings, trust, nodes, and where to speak.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::answer::NodeFailure;
use crate::config::Config;
use crate::duration;
use crate::failure::Failure;
use crate::freshness::{Freshness, ahead_max_ms, default_age_max_ms};
use crate::home::Home;
use crate::inputs::{Input, Named, ReadInput};
use crate::judgment::ProvenAt;
use crate::node_client::NodeClient;
use crate::node_url::{NodeUrl, parse_all};
use crate::nodes::Nodes;
use crate::output::escape::neutral;
use crate::seen::{Seen, SeenError, SeenStore};
use crate::timestamp::now_ms;
use crate::tls::TlsOptions;
use crate::trust::Trust;
use crate::webhook::Webhook;
use crate::witness::Witness;

/// What the command line and the environment say for every command.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The home, unless it is `~/.vouch`.
    pub home: Option<PathBuf>,
    /// The genesis document to check against instead of the pinned one.
    pub genesis: Option<PathBuf>,
    /// The nodes to ask instead of the configured ones.
    pub nodes: Vec<String>,
    /// Unencrypted ways across a network are allowed.
    pub plaintext: bool,
    /// TLS to `https://` nodes.
    pub tls: TlsOptions,
    /// How long a node has to answer.
    pub timeout: Duration,
    /// No notes and no progress.
    pub quiet: bool,
}

/// Settings and home, read.
#[derive(Clone, Debug)]
pub struct Context {
    /// The home.
    pub home: Home,
    /// Its settings.
    pub config: Config,
    /// What the command line says.
    pub settings: Settings,
    /// What this command saw of the nodes.
    pub witness: Arc<Witness>,
}

impl Context {
    /// Reads the home's settings.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let home = Home::at(settings.home.clone())?;
        home.check()?;
        let config = Config::load(&home)?;
        Ok(Self { home, config, settings, witness: Arc::default() })
    }

    /// Should only results and errors be shown?
    #[must_use]
    pub fn quiet(&self) -> bool {
        self.settings.quiet
    }

    /// What answers are checked against.
    ///
    /// # Errors
    /// [`Failure::Trust`].
    pub fn trust(&self) -> Result<Arc<Trust>, Failure> {
        Ok(Arc::new(Trust::load(&self.home, self.settings.genesis.as_ref())?))
    }

    /// The nodes' addresses: the command line's or else the settings'. At least one.
    ///
    /// # Errors
    /// [`Failure::NoNode`] or [`Failure::NodeUrl`].
    pub fn node_urls(&self) -> Result<Vec<NodeUrl>, Failure> {
        let given: Vec<_> =
            self.settings.nodes.iter().filter(|node| !node.trim().is_empty()).cloned().collect();
        let texts = if given.is_empty() { &self.config.nodes } else { &given };
        let plaintext = self.settings.plaintext || self.config.plaintext;
        let urls = parse_all(texts, plaintext)?;
        if urls.is_empty() {
            return Err(Failure::NoNode(self.home.config().display().to_string()));
        }
        Ok(urls)
    }

    /// The nodes' clients.
    ///
    /// # Errors
    /// [`Failure::NoNode`], [`Failure::NodeUrl`] or [`Failure::Tls`].
    pub fn clients(&self) -> Result<Vec<NodeClient>, Failure> {
        let tls = self.settings.tls.clone().or(self.config.tls(self.home.path()));
        let client = |url| Ok(NodeClient::new(url, self.settings.timeout, &tls)?);
        self.node_urls()?.into_iter().map(client).collect()
    }

    /// The nodes, and what they are checked against.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn nodes(&self) -> Result<Nodes, Failure> {
        let trust = self.trust()?;
        let clients = self.clients()?;
        if let Some(seen) = SeenStore::new(&self.home, trust.chain_id()).load()? {
            self.witness.remember(seen);
        }
        Ok(Nodes::new(clients, trust, self.witness.clone()))
    }

    /// A web service to tell.
    ///
    /// # Errors
    /// [`Failure::Webhook`].
    pub fn webhook(&self, url: &str) -> Result<Webhook, Failure> {
        let plaintext = self.settings.plaintext || self.config.plaintext;
        Ok(Webhook::new(url, plaintext, self.settings.timeout)?)
    }

    /// Nobody to ask, for what needs no answer.
    ///
    /// # Errors
    /// [`Failure::Trust`].
    pub fn no_nodes(&self) -> Result<Nodes, Failure> {
        Ok(Nodes::new(Vec::new(), self.trust()?, self.witness.clone()))
    }

    /// Reads everything that is named. What cannot be read stands in its place.
    ///
    /// # Errors
    /// [`Failure::Input`] for what is named wrongly.
    pub fn read(&self, named: &Named) -> Result<Vec<ReadInput>, Failure> {
        Ok(named.read(self.quiet(), &mut std::io::stdin().lock())?)
    }

    /// Reads everything that is named, before anything else is done: what cannot be read stops all.
    ///
    /// # Errors
    /// [`Failure::Input`] or [`Failure::Hashing`].
    pub fn read_all(&self, named: &Named) -> Result<Vec<Input>, Failure> {
        let inputs = self.read(named)?.into_iter();
        inputs.map(|input| input.map_err(|(_, error)| Failure::Hashing(error))).collect()
    }

    /// What is asked of headers: young enough, and no older than the newest seen.
    ///
    /// # Errors
    /// [`Failure::Seen`].
    pub fn freshness(&self, trust: &Trust, age_max_ms: Option<u64>) -> Result<Freshness, Failure> {
        let seen = SeenStore::new(&self.home, trust.chain_id()).load()?;
        let parameters = trust.genesis().parameters();
        let age_max_ms = age_max_ms.unwrap_or(default_age_max_ms(parameters));
        Ok(Freshness { age_max_ms, ahead_max_ms: ahead_max_ms(parameters), seen })
    }

    /// Remembers a header that was proven. A home that cannot be written weakens the next check,
    /// not this one: it is noted.
    ///
    /// # Errors
    /// [`Failure::Seen`] when the memory itself is damaged.
    pub fn remember(&self, trust: &Trust, newest: &ProvenAt) -> Result<(), Failure> {
        let ProvenAt { height, time_ms, block_id } = *newest;
        if self.witness.fork().is_some() {
            // Neither side is what later answers must follow from.
            return Ok(());
        }
        self.warn_of_slow_clock(trust, newest);
        let seen = Seen { height, time_ms, block_id };
        match SeenStore::new(&self.home, trust.chain_id()).remember(seen) {
            Err(SeenError::Home(error)) => {
                self.warn(&format!("an older answer will not be told from this one: {error}"));
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// A header ahead of this machine's clock by more than validators let pass shows that the clock
    /// is slow, and that ages are greater than they seem.
    fn warn_of_slow_clock(&self, trust: &Trust, newest: &ProvenAt) {
        let ahead_ms = newest.time_ms.saturating_sub(now_ms());
        if ahead_ms > trust.genesis().parameters().clock_ahead_max_ms {
            let (height, ahead) = (newest.height, duration::text(ahead_ms));
            self.warn(&format!(
                "block {height} is {ahead} ahead of this machine's clock, so proofs are older than \
                 they seem: set the clock"
            ));
        }
    }

    /// Tells people something on standard error, unless they want quiet.
    pub fn note(&self, message: &str) {
        if !self.quiet() {
            say(Style::new().dimmed(), "note", message);
        }
    }

    /// Warns people on standard error, quiet or not.
    pub fn warn(&self, message: &str) {
        say(Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())), "warning", message);
    }

    /// Tells who lied or failed while another's answer was used, each once. Lies are told quiet or
    /// not.
    pub fn report(&self, failures: &[NodeFailure]) {
        self.witness.failed(failures);
        for failure in failures {
            if !self.witness.tells_first(&failure.to_string()) {
                continue;
            }
            if failure.is_lie() {
                self.warn(&format!("{failure} (its answer was not used)"));
            } else {
                self.note(&failure.to_string());
            }
        }
    }
}

/// One line on standard error. If even that cannot be written, there is nobody to tell.
pub fn say(style: Style, word: &str, message: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{style}{word}{style:#}: {}", neutral(message));
}
