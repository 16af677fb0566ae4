//! The command line of what is asked about the chain itself: its history, its validators, its nodes,
//! and what happens on it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Subcommand};
use vouchsafe_types::identity::OrganizationId;

use super::InputArguments;
use crate::duration;

/// `vouch checkpoint`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CheckpointArguments {
    /// Of so many blocks [default: the newest that more than two thirds of the nodes have].
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u64).range(1..))]
    pub size: Option<u64>,
    /// Where to write it [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What to do with checkpoints that are there.
    #[command(subcommand)]
    pub verify: Option<CheckpointCommand>,
}

/// What is done with checkpoints that are there.
#[derive(Subcommand, Debug)]
pub enum CheckpointCommand {
    /// Check a checkpoint's signatures, and whether a later one continues it.
    Verify(CheckpointVerifyArguments),
}

/// `vouch checkpoint verify`.
#[derive(Args, Debug)]
pub struct CheckpointVerifyArguments {
    /// The earlier checkpoint.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later one: does its history begin with the earlier one's?
    #[arg(value_name = "NEW")]
    pub new: Option<PathBuf>,
    /// A proof file whose changes of the validator set are followed: one that is not older than
    /// the checkpoints [default: the genesis document's validators count].
    #[arg(long, value_name = "PROOF")]
    pub changes: Option<PathBuf>,
    /// Write the proof that NEW continues OLD, for those who check it without a node.
    #[arg(long, value_name = "FILE", requires = "new")]
    pub save_proof: Option<PathBuf>,
}

/// `vouch evidence`.
#[derive(Args, Debug)]
pub struct EvidenceArguments {
    /// Only what blocks from this height on hold.
    #[arg(long, value_name = "HEIGHT", default_value_t = 1)]
    pub since: u64,
    /// The greatest age of the newest header [default: 60s, or three heartbeats if that is more].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}

/// `vouch watch`.
#[derive(Args, Debug)]
pub struct WatchArguments {
    /// Watch these; without any, and without a signer or organization, everything.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Watch what this signer does; repeatable.
    #[arg(short, long = "signer", value_name = "FINGERPRINT", action = ArgAction::Append)]
    pub signers: Vec<String>,
    /// Watch what this organization's signers do; repeatable.
    #[arg(long = "org", value_name = "ID", action = ArgAction::Append)]
    pub organizations: Vec<OrganizationId>,
    /// From the block of this height on [default: the next one].
    #[arg(long, value_name = "HEIGHT", value_parser = clap::value_parser!(u64).range(1..))]
    pub since: Option<u64>,
    /// Remember here how far it got, and go on from there the next time.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Run this by the shell for each statement, with its line of JSON on standard input.
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// POST each statement's line of JSON to this web service, again and again until it is taken.
    #[arg(long, env = "VOUCH_WEBHOOK", hide_env_values = true, value_name = "URL")]
    pub webhook: Option<String>,
    /// End after so many statements [default: never].
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// `vouch status`.
#[derive(Args, Debug)]
pub struct StatusArguments {
    /// The greatest age of a proof [default: 60s, or three heartbeats if that is more].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}
