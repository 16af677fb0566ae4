//! `vouch init`: the one moment of trust. What is pinned here, everything is checked against.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use serde::Serialize;
use vouchsafe_types::hash::ChainId;

use crate::answer::{CouldNotCheck, NoAnswer, NodeFailure};
use crate::cli::InitArguments;
use crate::config::Config;
use crate::context::Context;
use crate::failure::Failure;
use crate::node_url::NodeUrl;
use crate::output::json::Number;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::timestamp;
use crate::trust::Trust;

#[derive(Serialize)]
struct OrganizationEntry {
    id: String,
    name: String,
    signers: usize,
    validators: usize,
}

/// What is compared out of band.
#[derive(Serialize)]
struct GenesisEntry {
    chain_name: String,
    chain_id: String,
    genesis_time_ms: Number,
    genesis_time: String,
    organizations: Vec<OrganizationEntry>,
    source: String,
    home: String,
    pinned: bool,
}

impl GenesisEntry {
    fn new(trust: &Trust, source: &str, home: &Path) -> Self {
        let genesis = trust.genesis();
        let organizations = genesis.organizations().iter().map(|organization| OrganizationEntry {
            id: organization.id.to_string(),
            name: organization.name.clone(),
            signers: organization.signers.len(),
            validators: genesis
                .validators()
                .iter()
                .filter(|validator| validator.organization == organization.id)
                .count(),
        });
        Self {
            chain_name: genesis.chain_name().to_owned(),
            chain_id: trust.chain_id().to_string(),
            genesis_time_ms: Number(genesis.genesis_time_ms()),
            genesis_time: timestamp::text(genesis.genesis_time_ms()),
            organizations: organizations.collect(),
            source: source.to_owned(),
            home: home.display().to_string(),
            pinned: false,
        }
    }
}

impl Entry for GenesisEntry {
    fn write(&self, text: &mut Text) {
        text.headline(
            Tone::Plain,
            if self.pinned { "PINNED" } else { "GENESIS" },
            &self.chain_name,
        );
        text.field("chain id", &self.chain_id);
        text.field("began", &self.genesis_time);
        for (index, organization) in self.organizations.iter().enumerate() {
            let OrganizationEntry { id, name, signers, validators } = organization;
            let field = if index == 0 { "organizations" } else { "" };
            text.field(
                field,
                &format!("{id} ({name}): {signers} signers, {validators} validators"),
            );
        }
        text.field("from", &self.source);
        text.field("home", &self.home);
    }
}

/// Shows a genesis document and pins it once it is confirmed.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, arguments: &InitArguments) -> Result<Report, Failure> {
    let expected = arguments.chain_id.as_deref().map(parse_chain_id).transpose()?;
    let (trust, source) = obtain(context).await?;
    let mut entry = GenesisEntry::new(&trust, &source, context.home.path());
    match expected {
        Some(expected) if expected != *trust.chain_id() => {
            let (expected, actual) = (expected.to_string(), trust.chain_id().to_string());
            return Err(Failure::OtherChain { expected, actual });
        }
        Some(_) => {}
        None if arguments.yes => {}
        None => confirm(&entry)?,
    }
    trust.pin(&context.home, arguments.force)?;
    write_config(context, arguments)?;
    entry.pinned = true;
    let mut report = Report::new("init");
    report.add(&entry);
    Ok(report)
}

fn parse_chain_id(text: &str) -> Result<ChainId, Failure> {
    text.parse().map_err(|error| Failure::CommandLine(format!("--chain-id: {error}")))
}

/// The settings remember which nodes, key and TLS were named here.
fn write_config(context: &Context, arguments: &InitArguments) -> Result<(), Failure> {
    let named = !context.settings.nodes.is_empty();
    let nodes: Vec<_> = if named {
        context.node_urls()?.iter().map(NodeUrl::to_string).collect()
    } else {
        Vec::new()
    };
    let absolute = |option: &str, path: Option<&Path>| {
        let path = path.map(std::path::absolute).transpose();
        path.map_err(|error| Failure::CommandLine(format!("{option}: {error}")))
    };
    let tls = &context.settings.tls;
    let config = Config {
        nodes,
        key: absolute("--key", arguments.key.as_deref())?,
        plaintext: context.settings.plaintext,
        tls_ca: absolute("--tls-ca", tls.ca.as_deref())?,
        tls_certificate: absolute("--tls-certificate", tls.certificate.as_deref())?,
        tls_key: absolute("--tls-key", tls.key.as_deref())?,
        tls_server_name: tls.server_name.clone(),
    };
    let written = config.write_first(&context.home)?;
    if !written && config != Config::default() && config != context.config {
        let path = context.home.config();
        context.note(&format!("{} is there already and stays as it is", path.display()));
    }
    Ok(())
}

/// The document of `--genesis`, or of the nodes, which must all serve the same.
async fn obtain(context: &Context) -> Result<(Trust, String), Failure> {
    if let Some(path) = &context.settings.genesis {
        return Ok((Trust::read(path)?, path.display().to_string()));
    }
    if context.settings.nodes.is_empty() && context.config.nodes.is_empty() {
        let missing = "name the genesis document: --genesis FILE, or --node URL to fetch it";
        return Err(Failure::CommandLine(missing.into()));
    }
    let mut found: Option<(Trust, String)> = None;
    let mut failures = Vec::new();
    for node in context.clients()? {
        let url = node.url().clone();
        let document = match node.genesis().await {
            Ok(answer) => answer.document,
            Err(error) => {
                let error = CouldNotCheck::from(error).into();
                failures.push(NodeFailure { node: url, error });
                continue;
            }
        };
        let trust = Trust::parse(&format!("from {url}"), &document)?;
        match &found {
            Some((first, source)) if first.chain_id() != trust.chain_id() => {
                let (first, second) = (source.clone(), url.to_string());
                return Err(Failure::GenesisDiffers { first, second });
            }
            Some(_) => {}
            None => found = Some((trust, url.to_string())),
        }
    }
    match found {
        Some(found) => {
            context.report(&failures);
            Ok(found)
        }
        None => {
            context.witness.failed(&failures);
            Err(NoAnswer(failures).into())
        }
    }
}

/// Asks on the terminal; without one there is nobody to ask.
fn confirm(entry: &GenesisEntry) -> Result<(), Failure> {
    let refused = || Failure::NotConfirmed(entry.chain_id.clone());
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(refused());
    }
    let mut text = Text::new();
    entry.write(&mut text);
    text.line("Compare the chain id with what the chain's operators publish.");
    text.line("Pin it, so that everything is checked against it? [y/N]");
    anstream::eprint!("{}", text.as_str());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read {
        Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
        _ => Err(refused()),
    }
}
