//! Following the chain: every block is checked as it comes, whole and in its place, so that no node
//! can leave out what is watched without withholding the block, which silence shows.
//!
//! ```text
//! block h + 1 ─▶ header proven, child of block h ─▶ all its transactions (its root) ─▶ those watched
//! ```

use std::collections::BTreeSet;

use tokio::time::{Duration, timeout};
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
use crate::node_client::{BlockStream, NodeClient};
use crate::nodes::Nodes;
use crate::proven;
use crate::trust::Trust;

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
    /// The next height; 0: whichever is committed next.
    pub next: u64,
    /// The block before it, if it was followed.
    pub parent: Option<BlockId>,
}

/// One node's blocks, from a cursor on.
pub struct Following<'a> {
    nodes: &'a Nodes,
    node: &'a NodeClient,
    stream: BlockStream,
    wanted: &'a Wanted,
    /// A node that is silent for so long has no blocks, or withholds them.
    silence_max: Duration,
}

impl<'a> Following<'a> {
    /// Begins to follow by one node.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn begin(
        nodes: &'a Nodes,
        node: &'a NodeClient,
        wanted: &'a Wanted,
        cursor: Cursor,
        silence_max: Duration,
    ) -> Result<Self, AnswerError> {
        let stream = node.blocks(cursor.next).await.map_err(CouldNotCheck::from)?;
        Ok(Self { nodes, node, stream, wanted, silence_max })
    }

    /// The next block, and the cursor after it.
    ///
    /// # Errors
    /// [`AnswerError`] when the node lies, breaks off, or is silent for too long.
    pub async fn next(&mut self, cursor: Cursor) -> Result<(Followed, Cursor), AnswerError> {
        let silent = |_| CouldNotCheck::Timeout(milliseconds(self.silence_max));
        let answer = timeout(self.silence_max, self.stream.next()).await.map_err(silent)?;
        let answer = answer.map_err(CouldNotCheck::from)?;
        let followed = follow(self.nodes.trust(), self.wanted, cursor, answer)?;
        self.nodes.witness().head(self.node.url(), &followed.head)?;
        let next = followed.head.header().height + 1;
        let parent = Some(followed.head.block_id());
        Ok((followed, Cursor { next, parent }))
    }
}

/// Checks one block in its place, and picks out what is watched.
fn follow(
    trust: &Trust,
    wanted: &Wanted,
    cursor: Cursor,
    answer: GetBlockResponse,
) -> Result<Followed, Lie> {
    let head = proven::head(trust.verifier(), answer.head.as_ref())?;
    let header = head.header();
    let in_order = cursor.next == 0 || header.height == cursor.next;
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
