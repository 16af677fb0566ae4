//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use vouchsafe_testnet::bench::Part;
use vouchsafe_testnet::chaos::HEAL_SECONDS;
use vouchsafe_testnet::trial::Case;

/// A network of real vouchsafed processes on this machine.
#[derive(Debug, Parser)]
#[command(name = "vouchsafe-testnet", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// The testnet's folder [default: ~/.vouchsafe-testnet]
    #[arg(long, global = true, env = "VOUCHSAFE_TESTNET_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The program that nodes run [default: the one beside this one]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) vouchsafed: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the testnet if it is not there, and start what of it does not run
    Up(UpArguments),
    /// End all nodes
    Down(DownArguments),
    /// Show how the nodes are doing
    Status(StatusArguments),
    /// Kill nodes without a warning (SIGKILL)
    Kill(NodesArgument),
    /// Stop nodes where they are (SIGSTOP)
    Pause(NodesArgument),
    /// Let paused nodes go on (SIGCONT)
    Resume(NodesArgument),
    /// End nodes if they run (SIGTERM), and start them
    Restart(NodesArgument),
    /// Cut the network between nodes: '1,2|3,4', '1>2', ring, or heal
    Partition(PartitionArgument),
    /// Print what nodes logged
    Logs(LogsArguments),
    /// Break a network on purpose, and check that it holds
    Trial(TrialArguments),
    /// Kill, pause, restart and cut nodes apart at random under load, and check that they hold
    Chaos(ChaosArguments),
    /// Measure a network on this machine, as ratios to what the machine could do at best
    Bench(BenchArguments),
    /// Run whole networks in virtual time, each from a seed, and check that they hold
    Simulate(SimulateArguments),
    /// Give decoders bytes that nobody would send, and check what must hold
    Fuzz(FuzzArguments),
}

#[derive(Debug, Args)]
pub(crate) struct FuzzArguments {
    /// The targets' names, or all [default: list them]
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// How long each target is run [default: 10, unless --inputs is given]
    #[arg(long, value_name = "N")]
    pub(crate) seconds: Option<u64>,
    /// How many inputs each target is given at most
    #[arg(long, value_name = "N")]
    pub(crate) inputs: Option<u64>,
    /// All chance comes from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// A folder of inputs to begin with, where those are kept that have a new kind of answer
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,
    /// Where inputs go that break a target
    #[arg(long, value_name = "DIR", default_value = "fuzz-failures")]
    pub(crate) failures: PathBuf,
    /// Give a target the one input that a file holds
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// How many seeds
    #[arg(long, default_value_t = 100)]
    pub(crate) seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How long each chain becomes
    #[arg(long, default_value_t = 100)]
    pub(crate) heights: u64,
    /// How many validators [default: 4 and 7 in turn]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=40))]
    pub(crate) validators: Option<u8>,
    /// So many validators say nothing, and all others are honest: more than a third must stall
    #[arg(long)]
    pub(crate) silent: Option<u8>,
    /// How many runs go on at one time [default: one for each core]
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    /// Go on after a failure
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Print what happened; takes one seed
    #[arg(long)]
    pub(crate) trace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// How long each case is measured, in seconds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// Only these parts [default: all but reading, which the cases hold]
    #[arg(value_name = "PART")]
    pub(crate) parts: Vec<Part>,
    /// To how many assets a network grows
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(20_000..=100_000_000))]
    pub(crate) assets: u64,
    /// Instead of all that: half load and reading for so long, in seconds
    #[arg(long, value_name = "SECONDS", conflicts_with = "parts")]
    pub(crate) soak: Option<u64>,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write throughput against latency as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ChaosArguments {
    /// How long things are done to the network; checks at the end come on top
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(6..=604_800))]
    pub(crate) seconds: u64,
    /// What the schedule follows from
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many validators
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(4..=16))]
    pub(crate) validators: u8,
    /// Kill, pause and restart only: cuts take network namespaces, and these take root
    #[arg(long)]
    pub(crate) no_cuts: bool,
    /// Print JSON for a program, at the end
    #[arg(long)]
    pub(crate) json: bool,
    /// A new receipt comes within this time of a heal
    #[arg(long, value_name = "SECONDS", default_value_t = HEAL_SECONDS)]
    pub(crate) heal_seconds: u64,
    /// Print the schedule, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Leave the folder with its logs for a look afterwards
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UpArguments {
    /// How many nodes vote [default: 4]
    #[arg(long, value_name = "N")]
    pub(crate) validators: Option<u8>,
    /// How many nodes follow without a vote [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) observers: Option<u8>,
    /// How many organizations run the nodes, in turn [default: one for each validator]
    #[arg(long, value_name = "N")]
    pub(crate) organizations: Option<u8>,
    /// Let this OpenSSH Ed25519 key sign [in the name of an organization: default the first]
    #[arg(long, value_name = "FILE.pub[=ORGANIZATION]")]
    pub(crate) signer: Vec<String>,
    /// A parameter of the chain other than its default, such as heartbeat_ms=2000
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) parameter: Vec<String>,
    /// The validators' voting powers [default: 1 each]
    #[arg(long, value_name = "POWER,…", value_delimiter = ',')]
    pub(crate) powers: Vec<u64>,
    /// Give each node a network namespace, so that the network can be cut; takes root
    #[arg(long)]
    pub(crate) netns: bool,
    /// Stay, and end the nodes at Ctrl-C
    #[arg(long)]
    pub(crate) foreground: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DownArguments {
    /// Remove the testnet's folder as well
    #[arg(long)]
    pub(crate) wipe: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Show it again every second, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
    /// Print JSON for a program
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NodesArgument {
    /// The nodes' numbers
    #[arg(value_name = "NODE", required = true)]
    pub(crate) nodes: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PartitionArgument {
    /// Groups '1,2|3,4' (also 1,2/3,4), one-way cuts '1>2,1>3', ring, or heal
    #[arg(value_name = "PARTITION")]
    pub(crate) partition: String,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArguments {
    /// The nodes' numbers [default: all]
    #[arg(value_name = "NODE")]
    pub(crate) nodes: Vec<String>,
    /// Go on with what is added, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of the last lines
    #[arg(short = 'n', long, default_value_t = 20)]
    pub(crate) lines: usize,
}

#[derive(Debug, Args)]
pub(crate) struct TrialArguments {
    /// What is tried
    #[arg(value_enum)]
    pub(crate) case: Case,
    /// How many transactions, rounds or heights it takes [default: the case's own]
    #[arg(value_name = "AMOUNT")]
    pub(crate) amount: Option<u64>,
    /// A program with vouchsafed's command line that lies to its peers, for the case catch-up
    #[arg(long, value_name = "PATH")]
    pub(crate) villain: Option<PathBuf>,
    /// Leave the folder with its logs for a look afterwards
    #[arg(long)]
    pub(crate) keep: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
