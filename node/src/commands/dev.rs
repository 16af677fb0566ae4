//! `vouchsafed dev`: a chain to try things on. It differs from `start` in what it finds: the
//! first run makes keys, a configuration and a genesis with one validator; then the same node
//! runs on them.

use std::io::{Write as _, stdout};
use std::path::PathBuf;

use anyhow::{Context, Result};
use vouchsafe_genesis::Genesis;
use vouchsafe_types::hash::Digest;

use super::dev_genesis::{self, SignerOption};
use super::init::write_template;
use crate::cli::DevArguments;
use crate::config::{Config, environment};
use crate::home::Home;
use crate::key_ring::make_missing;
use crate::listeners::Addresses;
use crate::logging::{self, LogOptions};
use crate::network::AnswerPeer;
use crate::node;

/// A folder that is removed when this is dropped.
struct Ephemeral(PathBuf);

impl Ephemeral {
    fn new() -> Result<Self> {
        let mut random = Digest::ZERO;
        getrandom::fill(&mut random.0[..8]).context("the system gives no random bytes")?;
        let name = format!("vouchsafed-dev-{}", &random.to_string()[..16]);
        Ok(Self(std::env::temp_dir().join(name)))
    }
}

impl Drop for Ephemeral {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!("cannot remove {}: {error}", self.0.display());
        }
    }
}

pub(super) fn run(
    home: Home,
    arguments: &DevArguments,
    options: &LogOptions,
    answer: AnswerPeer,
) -> Result<()> {
    let ephemeral = arguments.ephemeral.then(Ephemeral::new).transpose()?;
    let home = match &ephemeral {
        Some(folder) => Home::locate(Some(folder.0.clone()), "")?,
        None => home,
    };
    home.create()?;
    let _lock = home.lock()?;
    write_template(&home)?;
    let mut config = Config::load(&home.config(), environment())?;
    config.grpc.listen = arguments.listen.unwrap_or(config.grpc.listen);
    config.http.listen = arguments.http_listen.unwrap_or(config.http.listen);
    config.check()?;
    logging::start(options, &config.log)?;
    let signers = SignerOption::parse_all(&arguments.signer, &arguments.organization)?;
    let genesis = if home.genesis().exists() {
        let genesis = home.read_genesis()?;
        dev_genesis::check_unchanged(&genesis, &signers, &arguments.organization)?;
        genesis
    } else {
        let keys = make_missing(&home, true)?;
        dev_genesis::found(&home, keys, &signers, &arguments.organization)?
    };
    let chain = describe(&home, &genesis, &arguments.signer);
    let announce = |addresses: &Addresses| {
        // Whoever started it may have gone: the node runs all the same.
        let _ = writeln!(stdout(), "{}", usage(&chain, addresses));
    };
    node::run(&home, &config, genesis, answer, announce)
}

/// What is printed once the node listens.
struct Description {
    chain: String,
    home: String,
    key: Option<String>,
}

fn describe(home: &Home, genesis: &Genesis, signers: &[String]) -> Description {
    let key = match signers.first() {
        // The private half usually lies beside the public one.
        Some(text) => {
            let path = text.rsplit_once('=').map_or(text.as_str(), |(path, _)| path);
            path.strip_suffix(".pub").map(str::to_owned)
        }
        None => {
            let organization = &genesis.organizations()[0].id;
            Some(dev_genesis::admin_key(home, organization).display().to_string())
        }
    };
    Description {
        chain: format!("{} {}", genesis.chain_name(), genesis.chain_id()),
        home: home.path().display().to_string(),
        key,
    }
}

fn usage(description: &Description, addresses: &Addresses) -> String {
    let (grpc, http) = (addresses.grpc_url(), addresses.http);
    let Description { chain, home, key } = description;
    let key = key.as_ref().map_or(String::new(), |key| format!(" --key {key}"));
    format!(
        "Chain      {chain}\n\
         Home       {home}\n\
         API        {grpc} (gRPC)\n\
         Probes     http://{http}/readyz, http://{http}/metrics\n\
         \n\
         In another terminal:\n  \
         vouch init --node {grpc}{key}\n  \
         vouch sign FILE\n  \
         vouch verify FILE\n\
         \n\
         Ctrl-C stops the node."
    )
}
