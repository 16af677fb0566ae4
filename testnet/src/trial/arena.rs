//! A testnet for one trial, or for chaos: running, with authors of every organization, and removed at the end.

use std::path::PathBuf;
use std::time::Duration;

use vouchsafe_types::identity::OrganizationId;

use super::Scene;
use crate::checks;
use crate::error::TestnetError;
use crate::founding::Founding;
use crate::load::{Acknowledged, Load};
use crate::statement::{Author, Supply};
use crate::testnet::Testnet;
use crate::trial_error::TrialError;

/// Signers of each organization.
const AUTHORS_EACH: usize = 2;
/// The first organizations of a testnet, which have the authors.
const ORGANIZATIONS: [&str; 4] = ["acme", "bolt", "cobalt", "delta"];

/// A testnet under trial.
pub(crate) struct Arena {
    pub(crate) testnet: Testnet,
    authors: Vec<Author>,
    keep: bool,
    held: bool,
}

impl Arena {
    /// Makes a testnet and starts it.
    pub(crate) async fn open(scene: &Scene, founding: Founding) -> Result<Self, TrialError> {
        let organizations = founding.organizations.unwrap_or(founding.validators);
        let mut authors = Vec::new();
        for name in ORGANIZATIONS.iter().take(usize::from(organizations)) {
            let id = OrganizationId::new(name).expect("the names keep to the alphabet");
            for _ in 0..AUTHORS_EACH {
                authors.push(Author::generate(id.clone())?);
            }
        }
        let of = |author: &Author| (author.public_key(), Some(author.organization().to_string()));
        let founding = Founding { signers: authors.iter().map(of).collect(), ..founding };
        let testnet = Testnet::found(&folder(scene)?, &scene.vouchsafed, &founding)?;
        let mut arena = Self { testnet, authors, keep: scene.keep, held: false };
        let nodes = arena.nodes();
        arena.testnet.start(&nodes)?;
        arena.testnet.ready(&nodes).await?;
        Ok(arena)
    }

    /// Who signs.
    pub(crate) fn authors(&self) -> &[Author] {
        &self.authors
    }

    /// All members' numbers.
    pub(crate) fn nodes(&self) -> Vec<u8> {
        self.testnet.members()
    }

    /// Load without an end, by all authors, through all members.
    pub(crate) fn load(&self, in_flight: usize) -> Load {
        let supply = Supply::endless(self.authors.clone(), self.testnet.genesis().clone());
        Load::start(&self.testnet, &self.nodes(), in_flight, supply)
    }

    /// Load of so many statements, signed before it begins, through some nodes.
    pub(super) fn prepared(
        &self,
        nodes: &[u8],
        count: usize,
        in_flight: usize,
    ) -> Result<Load, TrialError> {
        let genesis = self.testnet.genesis().clone();
        let supply = Supply::prepared(self.authors.clone(), genesis, count)?;
        Ok(Load::start(&self.testnet, nodes, in_flight, supply))
    }

    /// Checks on all members that nothing is lost and that they agree; returns their height.
    pub(super) async fn check(&self, acknowledged: &[Acknowledged]) -> Result<u64, TrialError> {
        let nodes = self.nodes();
        checks::nothing_lost(&self.testnet, &nodes, acknowledged).await?;
        let height = checks::agreement(&self.testnet, &nodes).await?;
        println!(
            "  {} acknowledged, each proven by each of {} nodes; one chain of {height} heights",
            acknowledged.len(),
            nodes.len()
        );
        Ok(height)
    }

    /// The promise was kept: the folder goes, unless it is to stay.
    pub(crate) fn close(mut self) {
        self.held = true;
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let down = self.testnet.down();
        let home = self.testnet.layout().home();
        if self.keep || !self.held {
            eprintln!("the nodes' homes and logs are in {}", home.display());
        } else if let Err(error) = std::fs::remove_dir_all(home) {
            eprintln!("cannot remove {}: {error}", home.display());
        }
        if let Err(error) = down {
            eprintln!("the testnet in {} is not down: {error}", home.display());
        }
    }
}

fn folder(scene: &Scene) -> Result<PathBuf, TestnetError> {
    if let Some(folder) = &scene.folder {
        return Ok(folder.clone());
    }
    let random = getrandom::u32().map_err(TestnetError::Randomness)?;
    Ok(std::env::temp_dir().join(format!("vouchsafe-trial-{random:08x}")))
}

/// A duration as people read it.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// The greatest and the middle one of some durations, as people read them.
pub(super) fn spread(durations: &mut [Duration]) -> String {
    durations.sort_unstable();
    let at = |index: usize| durations.get(index).copied().unwrap_or_default();
    let (most, middle) = (at(durations.len().saturating_sub(1)), at(durations.len() / 2));
    format!("at most {}, in the median {}", seconds(most), seconds(middle))
}
