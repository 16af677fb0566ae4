//! `vouchsafed start`: the node on a home that `init` made and that holds a genesis document.

use std::io::{Write as _, stdout};

use anyhow::Result;

use super::audit;
use crate::cli::StartArguments;
use crate::config::{Config, environment};
use crate::home::Home;
use crate::logging::{self, LogOptions};
use crate::network::AnswerPeer;
use crate::node;

pub(super) fn run(
    home: &Home,
    arguments: &StartArguments,
    options: &LogOptions,
    answer: AnswerPeer,
) -> Result<()> {
    home.check()?;
    let config = Config::load(&home.config(), environment())?;
    logging::start(options, &config.log)?;
    let _lock = home.lock()?;
    let genesis = home.read_genesis()?;
    tracing::info!(chain = genesis.chain_name(), id = %genesis.chain_id(), "starting");
    if arguments.check {
        audit::audit(home, &genesis)?;
    }
    node::run(home, &config, genesis, answer, |addresses| {
        let (grpc, http) = (addresses.grpc_url(), addresses.http);
        // Whoever started it may have gone: the node runs all the same.
        let _ = writeln!(stdout(), "Listening on {grpc} (gRPC), http://{http} (HTTP)");
    })
}
