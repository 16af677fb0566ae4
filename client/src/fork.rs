//! A forked chain: two blocks certified at one height. It ends every command, loudly, and with what
//! convicts the validators.
//!
//! ```text
//! height      8        9        10
//!             A ◀───── B ◀───── C     node 1
//!             A ◀───── X              node 2: B and X are certified, both at height 9
//!                      Y ◀───── Z     node 3: Z's parent Y was decided at height 9, and is not B
//! ```
//!
//! Fewer than a third of the voting power cannot make one, and no single node can: each block has a
//! certificate of more than two thirds. So more than a third signed both, and no status of that
//! chain means anything until it is explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::verifier::ProvenHeader;

use crate::node_url::NodeUrl;
use crate::seen::Seen;
use crate::timestamp;

/// So many heights are remembered within one command: the highest.
const HEIGHTS_MAX: usize = 4096;

/// A block that was decided at some height, and how that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// The block.
    pub block_id: BlockId,
    /// Who showed it; `None` for a proof file, and for the one that an earlier command saw.
    pub node: Option<NodeUrl>,
    /// Its certified header, or that of its child; `None` for the one that was seen earlier.
    pub proof: Option<Arc<ProvenHeader>>,
}

/// Two blocks at one height.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fork {
    /// The height.
    pub height: u64,
    /// The block that was known.
    pub first: Sighting,
    /// The other.
    pub second: Sighting,
}

impl Sighting {
    fn of(node: Option<&NodeUrl>, head: &Arc<ProvenHeader>) -> Self {
        Self { block_id: head.block_id(), node: node.cloned(), proof: Some(head.clone()) }
    }

    /// The parent that this sighting's header names.
    fn parent(&self) -> Option<Self> {
        let proof = self.proof.as_ref()?;
        Some(Self { block_id: proof.header().parent, ..self.clone() })
    }

    /// Is the proof the block's own header, and not its child's?
    fn own_proof(&self) -> Option<&ProvenHeader> {
        self.proof.as_deref().filter(|proof| proof.block_id() == self.block_id)
    }
}

impl fmt::Display for Sighting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "block {}", self.block_id)?;
        if let Some(proof) = &self.proof {
            let header = proof.header();
            let (height, round) = (header.height, proof.certificate().round);
            let time = timestamp::text(header.time_ms);
            if self.own_proof().is_some() {
                write!(formatter, " of {time}, state root {}", header.state_root)?;
            } else {
                write!(formatter, ", parent of block {} at height {height}", proof.block_id())?;
            }
            let signers = proof.certificate().signatures.len();
            write!(formatter, ", certified in round {round} by {signers} validators")?;
        }
        match (&self.node, &self.proof) {
            (Some(node), _) => write!(formatter, ", shown by {node}"),
            (None, Some(_)) => formatter.write_str(", shown by a proof file"),
            (None, None) => formatter.write_str(", seen by an earlier command"),
        }
    }
}

impl fmt::Display for Fork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "THE CHAIN IS FORKED: two blocks are certified at height {}: {}; and {}. More than a \
             third of the voting power signed both: trust no status of this chain until its \
             operators explain it, and keep what -o json prints of this, which proves it",
            self.height, self.first, self.second
        )
    }
}

impl Fork {
    /// The validators that signed both blocks in one round, which no honest one does; ascending.
    /// None if the two were certified in different rounds, or not both headers are there.
    #[must_use]
    pub fn signed_both(&self) -> BTreeSet<Address> {
        let certificates = self.first.own_proof().zip(self.second.own_proof());
        let certificates = certificates.map(|(one, two)| (one.certificate(), two.certificate()));
        let Some((one, two)) = certificates.filter(|(one, two)| one.round == two.round) else {
            return BTreeSet::new();
        };
        let signers = |certificate: &vouchsafe_types::certificate::CommitCertificate| {
            certificate.signatures.iter().map(|entry| entry.address).collect::<BTreeSet<_>>()
        };
        signers(one).intersection(&signers(two)).copied().collect()
    }

    /// The nodes that showed the two blocks.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeUrl> {
        [&self.first, &self.second].into_iter().filter_map(|sighting| sighting.node.as_ref())
    }
}

/// Every decided block that one command met, each held against all others.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    by_height: BTreeMap<u64, Sighting>,
}

impl Chain {
    /// Begins with the newest block that earlier commands saw.
    pub fn remember(&mut self, seen: Seen) {
        let sighting = Sighting { block_id: seen.block_id, node: None, proof: None };
        self.by_height.insert(seen.height, sighting);
    }

    /// Takes a header that a node or a proof file proved, unless it shows a fork.
    ///
    /// # Errors
    /// The [`Fork`].
    pub fn admit(&mut self, node: Option<&NodeUrl>, head: &ProvenHeader) -> Result<(), Arc<Fork>> {
        let height = head.header().height;
        let head = Arc::new(head.clone());
        let new = Sighting::of(node, &head);
        let fork = |height: u64, first: &Sighting, second: Sighting| {
            Arc::new(Fork { height, first: first.clone(), second })
        };
        if let Some(known) = self.by_height.get(&height)
            && known.block_id != new.block_id
        {
            return Err(fork(height, known, new));
        }
        let below = height.checked_sub(1).and_then(|below| self.by_height.get(&below));
        if let (Some(known), Some(parent)) = (below, new.parent())
            && known.block_id != parent.block_id
        {
            return Err(fork(height - 1, known, parent));
        }
        let above = self.by_height.get(&(height + 1)).and_then(Sighting::parent);
        if let Some(known) = above.filter(|parent| parent.block_id != new.block_id) {
            return Err(fork(height, &known, new));
        }
        let kept = self.by_height.get(&height).is_some_and(|known| known.proof.is_some());
        if !kept {
            self.by_height.insert(height, new);
        }
        if self.by_height.len() > HEIGHTS_MAX {
            self.by_height.pop_first();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture as chain;
    use vouchsafe_types::hash::Digest;

    fn node(port: u16) -> NodeUrl {
        format!("http://127.0.0.1:{port}").parse().expect("valid")
    }

    /// A certified header at a height, on a parent, told apart by its state root.
    fn head(height: u64, parent: BlockId, mark: u8) -> ProvenHeader {
        let mut header = chain::header(height, Digest([mark; 32]), &[]);
        header.parent = parent;
        let proven = chain::certified(&header);
        let trust = crate::trust::Trust::new(chain::genesis("fixture"));
        trust.verifier().header(&proven.header, &proven.certificate).expect("certified")
    }

    const NOBODY: BlockId = BlockId(Digest([0; 32]));

    #[test]
    fn two_blocks_at_one_height_are_a_fork() {
        let mut known = Chain::default();
        let (one, two) = (head(9, NOBODY, 1), head(9, NOBODY, 2));
        known.admit(Some(&node(1)), &one).expect("the first");
        known.admit(Some(&node(2)), &one).expect("the same again");
        let fork = known.admit(Some(&node(3)), &two).expect_err("another");
        assert_eq!((fork.height, fork.first.block_id), (9, one.block_id()));
        assert_eq!(fork.nodes().cloned().collect::<Vec<_>>(), [node(1), node(3)]);
        assert_eq!(fork.signed_both().len(), 3, "three validators signed both in round 0");
        let text = fork.to_string();
        for block in [&one, &two] {
            assert!(text.contains(&block.block_id().to_string()), "{text}");
        }
        assert!(text.contains("height 9"), "{text}");
    }

    #[test]
    fn a_block_on_another_parent_than_the_certified_one_is_a_fork() {
        let parent = head(9, NOBODY, 1);
        let (child, stranger) = (head(10, parent.block_id(), 3), head(10, NOBODY, 3));
        for order in [[&parent, &stranger], [&stranger, &parent]] {
            let mut known = Chain::default();
            known.admit(Some(&node(1)), order[0]).expect("the first");
            let fork = known.admit(Some(&node(2)), order[1]).expect_err("they exclude each other");
            assert_eq!(fork.height, 9);
            assert!(fork.signed_both().is_empty(), "two headers of two heights convict nobody");
            assert!(fork.to_string().contains("parent of block"), "{fork}");
        }
        for order in [[&parent, &child], [&child, &parent]] {
            let mut known = Chain::default();
            known.admit(Some(&node(1)), order[0]).expect("the first");
            known.admit(Some(&node(2)), order[1]).expect("its neighbour");
        }
    }

    #[test]
    fn what_earlier_commands_saw_is_compared_too() {
        let (one, two) = (head(9, NOBODY, 1), head(9, NOBODY, 2));
        let mut known = Chain::default();
        known.remember(Seen::from(&one));
        known.admit(Some(&node(1)), &one).expect("the same");
        let mut known = Chain::default();
        known.remember(Seen::from(&one));
        let fork = known.admit(Some(&node(1)), &two).expect_err("another");
        assert_eq!(fork.nodes().count(), 1);
        assert!(fork.to_string().contains("earlier command"), "{fork}");
        let mut known = Chain::default();
        known.remember(Seen::from(&one));
        known.admit(Some(&node(1)), &head(10, NOBODY, 4)).expect_err("another parent");
    }

    #[test]
    fn whoever_follows_for_long_still_meets_a_fork() {
        let mut known = Chain::default();
        let (mut parent, newest) = (NOBODY, HEIGHTS_MAX as u64 + 9);
        for height in 1..=newest {
            let next = head(height, parent, 1);
            known.admit(Some(&node(1)), &next).expect("a chain");
            parent = next.block_id();
        }
        assert_eq!(known.by_height.len(), HEIGHTS_MAX);
        let stranger = head(newest + 1, NOBODY, 2);
        known.admit(Some(&node(1)), &stranger).expect_err("on another parent");
    }

    #[test]
    fn distant_heights_do_not_contradict_each_other() {
        let mut known = Chain::default();
        for height in [3, 9, 6, 12] {
            known.admit(Some(&node(1)), &head(height, NOBODY, 1)).expect("far from all others");
        }
    }
}
