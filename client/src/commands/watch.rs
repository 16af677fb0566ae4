//! `vouch watch`: says what happens to files, signers and organizations, as it is committed.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::transaction::RevocationReason;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, NodeFailure};
use crate::cli::{OutputFormat, WatchArguments};
use crate::commands::inspect_entry::AssetFacts;
use crate::context::Context;
use crate::duration;
use crate::failure::Failure;
use crate::freshness::HEARTBEATS;
use crate::home::{FILE_MODE, read_bounded, write_synced_as};
use crate::inputs::Named;
use crate::judgment::{ProvenAt, parse_fingerprint};
use crate::nodes::Nodes;
use crate::output::json::{Number, SCHEMA};
use crate::output::report::Report;
use crate::output::text::{Text, Tone};
use crate::timestamp;
use crate::trust::Trust;
use crate::watch::{Cursor, Followed, Following, Sighting, Terms, Wanted};
use crate::webhook::{PostError, Webhook};

/// Between two tries to find a node that goes on.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two tries to tell a web service, at most.
const POST_PAUSE_MAX: Duration = Duration::from_secs(30);
/// A node that is silent for less is not left, in milliseconds.
const SILENCE_LEAST_MS: u64 = 30_000;
/// The place is written down at least every so many blocks.
const BLOCKS_UNSAVED_MAX: u64 = 100;
/// Stands in that file where nothing was followed yet.
const NO_PARENT: &str = "-";
/// The longest file that says where following stands, in bytes.
const STATE_BYTES_MAX: usize = 256;

/// One statement, as a program reads it: a line of JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct EventFacts {
    status: &'static str,
    reason: Option<&'static str>,
    asset: AssetFacts,
    signer: String,
    organization: Option<String>,
    transaction_id: String,
    operation_index: u16,
    height: Number,
    block_id: String,
    time_ms: Number,
    time: String,
}

impl EventFacts {
    fn new(followed: &Followed, sighting: &Sighting) -> Self {
        let header = followed.head.header();
        Self {
            status: sighting.status.name(),
            reason: sighting.reason.map(RevocationReason::name),
            asset: AssetFacts::from(&sighting.asset),
            signer: sighting.signer.clone(),
            organization: sighting.organization.as_ref().map(ToString::to_string),
            transaction_id: sighting.transaction_id.to_string(),
            operation_index: sighting.operation_index,
            height: Number(header.height),
            block_id: followed.head.block_id().to_string(),
            time_ms: Number(header.time_ms),
            time: timestamp::text(header.time_ms),
        }
    }

    fn line(&self) -> String {
        json!({"schema": SCHEMA, "command": "watch", "event": self}).to_string()
    }

    fn text(&self, tone: Tone) -> Text {
        let mut text = Text::new();
        text.headline(tone, self.status, &self.asset.name);
        text.field("digest", &self.asset.digest);
        if let Some(reason) = self.reason {
            text.field("reason", reason);
        }
        text.field("organization", self.organization.as_deref().unwrap_or("not known"));
        text.field("signer", &self.signer);
        text.field("transaction", &self.transaction_id);
        text.field("height", &format!("{} ({})", self.height.0, self.time));
        text
    }
}

/// Where following stands, and where that is written down.
struct Place {
    cursor: Cursor,
    file: Option<PathBuf>,
    unsaved_blocks: u64,
}

impl Place {
    /// What the file says, or else the height given, or else the next block. It is written down
    /// before anything is followed, so that nothing is missed from here on.
    fn open(
        context: &Context,
        file: Option<PathBuf>,
        since: Option<u64>,
        newest: &ProvenHeader,
    ) -> Result<Self, Failure> {
        let written = file.as_deref().map(read_state).transpose()?.flatten();
        let after = Cursor::after(newest);
        let from = since.map(|next| Cursor { next, parent: None });
        if let (Some(written), Some(_)) = (written, since) {
            let next = written.next;
            context.note(&format!("--since is not used: --state says height {next}"));
        }
        let cursor = written.or(from).unwrap_or(after);
        if cursor.next > after.next {
            let (next, newest) = (cursor.next, after.next - 1);
            return Err(Failure::CommandLine(format!(
                "cannot begin at height {next}: the newest block is {newest}; leave out --since, or \
                 name a node that is not behind"
            )));
        }
        let mut place = Self { cursor, file, unsaved_blocks: 0 };
        place.save()?;
        Ok(place)
    }

    /// A block was followed and told of. What is told is never forgotten, and perhaps told twice.
    /// Returns whether the place was written down.
    fn advance(&mut self, cursor: Cursor, told: bool) -> Result<bool, Failure> {
        self.cursor = cursor;
        self.unsaved_blocks += 1;
        let due = told || self.unsaved_blocks >= BLOCKS_UNSAVED_MAX;
        if due {
            self.save()?;
        }
        Ok(due)
    }

    fn save(&mut self) -> Result<(), Failure> {
        self.unsaved_blocks = 0;
        let Some(file) = &self.file else { return Ok(()) };
        let parent = self.cursor.parent.map_or(NO_PARENT.to_owned(), |parent| parent.to_string());
        let text = format!("{} {parent}\n", self.cursor.next);
        Ok(write_synced_as(file, text.as_bytes(), FILE_MODE)?)
    }
}

fn read_state(path: &Path) -> Result<Option<Cursor>, Failure> {
    let Some(bytes) = read_bounded(path, STATE_BYTES_MAX)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let cursor = text.trim_end().split_once(' ').and_then(|(next, parent)| {
        let parent = match parent {
            NO_PARENT => None,
            parent => Some(parent.parse().ok()?),
        };
        Some(Cursor { next: next.parse().ok()?, parent })
    });
    let damaged = || {
        let path = path.display();
        Failure::CommandLine(format!(
            "{path} does not say where watching stands: remove it and give --since HEIGHT"
        ))
    };
    cursor.map(Some).ok_or_else(damaged)
}

/// Follows the chain until so many statements were told, or for ever.
///
/// # Errors
/// [`Failure`] when watching cannot begin, or its output or its place cannot be written.
pub async fn run(
    context: &Context,
    arguments: WatchArguments,
    format: OutputFormat,
) -> Result<Report, Failure> {
    let wanted = wanted(context, &arguments)?;
    let nodes = context.nodes()?;
    let heartbeat_ms = nodes.trust().genesis().parameters().heartbeat_ms;
    let silence_max = Duration::from_millis(SILENCE_LEAST_MS.max(heartbeat_ms * HEARTBEATS));
    let freshness = context.freshness(nodes.trust(), None)?;
    let terms = Terms { wanted: &wanted, silence_max, freshness };
    // A wrong node, or a chain that stands still, is told at once.
    let answered = nodes.head(freshness).await?;
    context.report(&answered.failures);
    context.remember(nodes.trust(), &ProvenAt::from(&answered.value))?;
    let place = Place::open(context, arguments.state, arguments.since, &answered.value)?;
    context.note(&format!("watching from height {} on", place.cursor.next));
    if let Some(followed) = place.cursor.followed() {
        nodes.witness().remember(followed);
    }
    let left = arguments.limit.unwrap_or(u64::MAX);
    let webhook = arguments.webhook.as_deref().map(|url| context.webhook(url)).transpose()?;
    let exec = arguments.exec;
    let trust = nodes.trust();
    let mut watching = Watching { context, trust, format, exec, webhook, place, left };
    loop {
        for node in nodes.clients() {
            let cursor = watching.place.cursor;
            let error = match Following::begin(&nodes, node, &terms, cursor).await {
                Ok(following) => watching.follow(following).await?,
                Err(error) => Some(error),
            };
            let Some(error) = error else { return Ok(Report::new("watch")) };
            context.report(&[NodeFailure { node: node.url().clone(), error }]);
            stop_if_forked(&nodes)?;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn stop_if_forked(nodes: &Nodes) -> Result<(), Failure> {
    nodes.witness().fork().map_or(Ok(()), |fork| Err(Failure::Forked(fork)))
}

fn wanted(context: &Context, arguments: &WatchArguments) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    let named = Named::from(arguments.inputs.clone());
    if !named.is_empty() {
        for input in context.read_all(&named)? {
            wanted.assets.insert(AssetKey { scheme: Scheme::Bytes, digest: input.digest });
        }
    }
    for signer in &arguments.signers {
        wanted.signers.insert(parse_fingerprint(signer)?);
    }
    wanted.organizations.extend(arguments.organizations.iter().cloned());
    Ok(wanted)
}

/// What is told, to whom, and how far it got.
struct Watching<'a> {
    context: &'a Context,
    trust: &'a Trust,
    format: OutputFormat,
    exec: Option<String>,
    webhook: Option<Webhook>,
    place: Place,
    /// So many statements are still to be told.
    left: u64,
}

impl Watching<'_> {
    /// Follows one node until enough is told, which is no error, or until the node goes on no more.
    async fn follow(
        &mut self,
        mut following: Following<'_>,
    ) -> Result<Option<AnswerError>, Failure> {
        while self.left > 0 {
            let (followed, cursor) = match following.next(self.place.cursor).await {
                Ok(next) => next,
                Err(error) => return Ok(Some(error)),
            };
            for sighting in &followed.sightings {
                let facts = EventFacts::new(&followed, sighting);
                self.tell(&facts, Tone::of(sighting.status)).await?;
                self.left = self.left.saturating_sub(1);
            }
            if self.place.advance(cursor, !followed.sightings.is_empty())? {
                self.context.remember(self.trust, &ProvenAt::from(&followed.head))?;
            }
        }
        self.place.save()?;
        Ok(None)
    }

    /// Says what was seen, and calls whoever wants to know.
    async fn tell(&self, facts: &EventFacts, tone: Tone) -> Result<(), Failure> {
        let line = facts.line();
        let text = match self.format {
            OutputFormat::Json => format!("{line}\n"),
            OutputFormat::Text => facts.text(tone).as_str().to_owned(),
        };
        print(&text).map_err(Failure::Output)?;
        if let Some(command) = &self.exec {
            call(self.context, command, &line);
        }
        if let Some(webhook) = &self.webhook {
            self.post(webhook, &line).await;
        }
        Ok(())
    }

    /// Tells a web service, again and again until it takes what it is told: the chain waits.
    async fn post(&self, webhook: &Webhook, line: &str) {
        let mut pause = PAUSE;
        while let Err(error) = webhook.post(line) {
            match error {
                PostError::Refused { .. } => return self.context.warn(&error.to_string()),
                PostError::Later { .. } => {
                    let again = duration::text(duration::milliseconds(pause));
                    self.context.warn(&format!("{error}; trying again in {again}"));
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(POST_PAUSE_MAX);
        }
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Runs a command with the statement on its standard input. That it fails is said, and no reason to
/// stop watching.
fn call(context: &Context, command: &str, line: &str) {
    let started = Command::new("sh").arg("-c").arg(command).stdin(Stdio::piped()).spawn();
    let ended = started.and_then(|mut child| {
        if let Some(mut input) = child.stdin.take() {
            // A command that does not read what it is told may still do its work.
            let _ = writeln!(input, "{line}");
        }
        child.wait()
    });
    match ended {
        Ok(status) if status.success() => {}
        Ok(status) => context.warn(&format!("{command:?} ended with {status}")),
        Err(error) => context.warn(&format!("{command:?} was not run: {error}")),
    }
}
