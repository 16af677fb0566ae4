//! Following the chain: every block is checked as it comes, whole and in its place, so that no node
//! can leave out what is watched without withholding the block, which silence shows.
//!
//! ```text
//! block h + 1 ─▶ header proven ─▶ no fork ─▶ child of block h ─▶ not too far behind
//!             ─▶ all its transactions (its root) ─▶ those watched
//! ```
//!
//! A node that has old blocks to tell tells them much faster than they were made. One that tells
//! them no faster keeps its listener as far behind as it likes, and is left.

use std::collections::BTreeSet;

use tokio::time::{Duration, Instant, timeout};
use vouchsafe_proto::v1::GetBlockResponse;
use vouchsafe_types::asset::{Asset, AssetKey};
use vouchsafe_types::hash::{BlockId, TransactionId};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::status::{Status, stated};
use vouchsafe_types::transaction::{RevocationReason, Transaction};
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, Lie};
use crate::duration::milliseconds;
use crate::freshness::Freshness;
use crate::node_client::{BlockStream, NodeClient};
use crate::nodes::Nodes;
use crate::proven;
use crate::seen::Seen;
use crate::timestamp::now_ms;
use crate::trust::Trust;

/// After so much waiting for blocks that are too old, in milliseconds, it is looked at whether they
/// come faster than they were made.
const WINDOW_MS: u64 = 10_000;
/// So many times as fast they must come.
const CATCH_UP_RATE: u64 = 2;

/// What is watched: whatever any of these names; everything if nothing is named.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Acts on these assets.
    pub assets: BTreeSet<AssetKey>,
    /// Acts of these signers, by fingerprint.
    pub signers: BTreeSet<String>,
    /// Acts of signers of these organizations, by the pinned genesis document.
    pub organizations: BTreeSet<OrganizationId>,
}

impl Wanted {
    fn names(&self, asset: &AssetKey, signer: &str, organization: Option<&OrganizationId>) -> bool {
        let everything = self.assets.is_empty() && self.signers.is_empty();
        let everything = everything && self.organizations.is_empty();
        everything
            || self.assets.contains(asset)
            || self.signers.contains(signer)
            || organization.is_some_and(|organization| self.organizations.contains(organization))
    }
}

/// One statement about one asset, as it was committed.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// What is stated.
    pub status: Status,
    /// Why, where trust is withdrawn.
    pub reason: Option<RevocationReason>,
    /// About what.
    pub asset: Asset,
    /// Who signed: the fingerprint.
    pub signer: String,
    /// Whom the signer speaks for, if the genesis document says it.
    pub organization: Option<OrganizationId>,
    /// The transaction.
    pub transaction_id: TransactionId,
    /// The operation within it.
    pub operation_index: u16,
}

/// A block that was followed, and what of it was watched.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The block's header.
    pub head: ProvenHeader,
    /// What was watched, in the block's order.
    pub sightings: Vec<Sighting>,
}

/// Where following stands: what comes next, and on what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// The next height.
    pub next: u64,
    /// The block before it, if it was followed.
    pub parent: Option<BlockId>,
}

impl Cursor {
    /// Right after a block.
    #[must_use]
    pub fn after(head: &ProvenHeader) -> Self {
        Self { next: head.header().height + 1, parent: Some(head.block_id()) }
    }

    /// The block that was followed last. Its time is not known any more.
    #[must_use]
    pub fn followed(&self) -> Option<Seen> {
        let (height, block_id) = (self.next.checked_sub(1)?, self.parent?);
        Some(Seen { height, time_ms: 0, block_id })
    }
}

/// How blocks are followed.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// What is watched.
    pub wanted: &'a Wanted,
    /// A node that is silent for so long has no blocks, or withholds them.
    pub silence_max: Duration,
    /// How old the newest block may be.
    pub freshness: Freshness,
}

/// One node's blocks, from a cursor on.
pub struct Following<'a> {
    nodes: &'a Nodes,
    node: &'a NodeClient,
    stream: BlockStream,
    terms: &'a Terms<'a>,
    pace: Pace,
}

/// How fast blocks come that are older than the newest may be.
#[derive(Debug, Default)]
struct Pace {
    /// The time spent waiting since the window began, in milliseconds.
    waited_ms: u64,
    /// The time of the block with which it began, in milliseconds since 1970.
    from_ms: Option<u64>,
}

impl Pace {
    /// Refuses a node that keeps its listener behind. What telling takes does not count.
    fn check(
        &mut self,
        freshness: &Freshness,
        head: Seen,
        waited_ms: u64,
        now_ms: u64,
    ) -> Result<(), CouldNotCheck> {
        let Seen { height, time_ms, .. } = head;
        let (age_ms, age_max_ms) = (now_ms.saturating_sub(time_ms), freshness.age_max_ms);
        if age_ms <= age_max_ms {
            *self = Self::default();
            return Ok(());
        }
        let Some(from_ms) = self.from_ms else {
            self.from_ms = Some(time_ms);
            return Ok(());
        };
        self.waited_ms += waited_ms;
        if self.waited_ms < WINDOW_MS {
            return Ok(());
        }
        let told_ms = time_ms.saturating_sub(from_ms);
        let enough_ms = self.waited_ms.saturating_mul(CATCH_UP_RATE);
        *self = Self { waited_ms: 0, from_ms: Some(time_ms) };
        if told_ms >= enough_ms {
            return Ok(());
        }
        Err(CouldNotCheck::Stale { height, age_ms, age_max_ms })
    }
}

impl<'a> Following<'a> {
    /// Begins to follow by one node.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn begin(
        nodes: &'a Nodes,
        node: &'a NodeClient,
        terms: &'a Terms<'a>,
        cursor: Cursor,
    ) -> Result<Self, AnswerError> {
        let stream = node.blocks(cursor.next).await.map_err(CouldNotCheck::from)?;
        Ok(Self { nodes, node, stream, terms, pace: Pace::default() })
    }

    /// The next block, and the cursor after it.
    ///
    /// # Errors
    /// [`AnswerError`] when the node lies, breaks off, or is silent for too long.
    pub async fn next(&mut self, cursor: Cursor) -> Result<(Followed, Cursor), AnswerError> {
        let Terms { wanted, silence_max, ref freshness } = *self.terms;
        let silent = |_| CouldNotCheck::Timeout(milliseconds(silence_max));
        let began = Instant::now();
        let answer = timeout(silence_max, self.stream.next()).await.map_err(silent)?;
        let waited_ms = milliseconds(began.elapsed());
        let answer = answer.map_err(CouldNotCheck::from)?;
        let head = proven::head(self.nodes.trust().verifier(), answer.head.as_ref())?;
        // Before its order is looked at: a block on another parent may show that the chain forked.
        self.nodes.witness().head(self.node.url(), &head)?;
        let seen = Seen::from(&head);
        self.pace.check(freshness, seen, waited_ms, now_ms())?;
        let next = Cursor::after(&head);
        let followed = follow(self.nodes.trust(), wanted, cursor, head, &answer)?;
        Ok((followed, next))
    }
}

/// Checks one block in its place, and picks out what is watched.
fn follow(
    trust: &Trust,
    wanted: &Wanted,
    cursor: Cursor,
    head: ProvenHeader,
    answer: &GetBlockResponse,
) -> Result<Followed, Lie> {
    let header = head.header();
    let in_order = header.height == cursor.next;
    let on_parent = cursor.parent.is_none_or(|parent| header.parent == parent);
    if !in_order || !on_parent {
        return Err(Lie::OtherBlock { height: header.height, expected: cursor.next });
    }
    let mut sightings = Vec::new();
    for signed in head.transactions(&answer.block)? {
        let transaction = Transaction::from_signed(trust.chain_id(), signed);
        let transaction = transaction.map_err(vouchsafe_types::verifier::ProofError::from)?;
        see(trust, wanted, &transaction, &mut sightings);
    }
    Ok(Followed { head, sightings })
}

fn see(trust: &Trust, wanted: &Wanted, transaction: &Transaction, seen: &mut Vec<Sighting>) {
    let key: &PublicKey = &transaction.signed().public_key;
    let signer = fingerprint(key);
    let organization = trust.genesis().signer(key).map(|(organization, _)| organization.id.clone());
    for (operation_index, operation) in (0u16..).zip(transaction.body().operations.iter()) {
        let (status, reason) = stated(operation);
        for asset in operation.assets() {
            if wanted.names(&asset.key(), &signer, organization.as_ref()) {
                seen.push(Sighting {
                    status,
                    reason,
                    asset: asset.clone(),
                    signer: signer.clone(),
                    organization: organization.clone(),
                    transaction_id: transaction.id(),
                    operation_index,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_000_000_000;

    /// What becomes of a node whose blocks are so far apart and come so far apart.
    fn told(count: u64, made_every_ms: u64, told_every_ms: u64, age_ms: u64) -> Option<u64> {
        let freshness = Freshness { age_max_ms: 60_000, ahead_max_ms: 10_000, seen: None };
        let mut pace = Pace::default();
        (0..count).find(|number| {
            let time_ms = NOW_MS - age_ms + number * made_every_ms;
            let head = Seen { height: *number, time_ms, block_id: BlockId::default() };
            let now_ms = NOW_MS + number * told_every_ms;
            pace.check(&freshness, head, told_every_ms, now_ms).is_err()
        })
    }

    #[test]
    fn old_blocks_must_come_faster_than_they_were_made() {
        let hour_ms = 3_600_000;
        assert_eq!(told(3_600, 1_000, 100, hour_ms), None, "it catches up");
        assert_eq!(told(3_600, 1_000, 500, hour_ms), None);
        let left = told(3_600, 1_000, 1_000, hour_ms).expect("it never would");
        assert!(left <= 11, "{left}");
        assert!(told(10, 1_000, 29_000, hour_ms).is_some_and(|left| left <= 1));
        assert_eq!(told(100, 1_000, 1_000, 30_000), None, "young enough is not behind");
        assert_eq!(told(100, 60_000, 60_000, 0), None, "an idle chain");
    }
}
