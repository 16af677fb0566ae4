//! What must hold on every node, proven from outside: one chain, one state, nothing acknowledged
//! missing.

use std::time::Duration;

use vouchsafe_client::answer::Lie;
use vouchsafe_client::proven;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::Block;
use vouchsafe_types::record::{AssetRecord, StateName};
use vouchsafe_types::status::Status;
use vouchsafe_types::verifier::{ProvenHeader, decode};

use crate::load::Acknowledged;
use crate::statement::Statement;
use crate::testnet::Testnet;
use crate::trial_error::TrialError;

/// So many assets are asked for at once.
const NAMES_AT_ONCE: usize = 500;
/// So many blocks are compared at once.
const BLOCKS_AT_ONCE: u64 = 2_000;
/// A node reaches a height that others have within this time.
pub const CATCH_UP_WITHIN: Duration = Duration::from_secs(300);

/// The heights of nodes.
///
/// # Errors
/// [`TrialError::NoAnswer`].
pub async fn heights(testnet: &Testnet, nodes: &[u8]) -> Result<Vec<u64>, TrialError> {
    let mut heights = Vec::new();
    for node in nodes {
        let info = testnet.api(*node).info().await;
        let no_answer =
            |status: tonic::Status| TrialError::NoAnswer { node: *node, status: status.into() };
        heights.push(info.map_err(no_answer)?.height);
    }
    Ok(heights)
}

/// The greatest height among nodes.
///
/// # Errors
/// [`TrialError::NoAnswer`].
pub async fn highest(testnet: &Testnet, nodes: &[u8]) -> Result<u64, TrialError> {
    Ok(heights(testnet, nodes).await?.into_iter().max().unwrap_or(0))
}

/// Checks that the nodes have the same block and the same state at every height that all have,
/// each proven by its certificate; returns the last such height.
///
/// # Errors
/// [`TrialError::Fork`], [`TrialError::States`], [`TrialError::Lie`], [`TrialError::Order`].
pub async fn agreement(testnet: &Testnet, nodes: &[u8]) -> Result<u64, TrialError> {
    let common = heights(testnet, nodes).await?.into_iter().min().unwrap_or(0);
    let mut first_height = 1;
    while first_height <= common {
        let last_height = common.min(first_height + BLOCKS_AT_ONCE - 1);
        let range = first_height..=last_height;
        let Some((first, others)) = nodes.split_first() else { break };
        let expected = headers(testnet, *first, range.clone()).await?;
        for second in others {
            let actual = headers(testnet, *second, range.clone()).await?;
            for (one, other) in expected.iter().zip(&actual) {
                let height = one.header().height;
                compare(height, Seen::new(*first, one), Seen::new(*second, other))?;
            }
        }
        first_height = last_height + 1;
    }
    Ok(common)
}

/// What two nodes must have in common at a height.
#[derive(Clone, Copy)]
struct Seen {
    node: u8,
    block: BlockId,
    parent: BlockId,
    transactions_root: Digest,
    state_root: Digest,
}

impl Seen {
    fn new(node: u8, head: &ProvenHeader) -> Self {
        let header = head.header();
        Self {
            node,
            block: head.block_id(),
            parent: header.parent,
            transactions_root: header.transactions_root,
            state_root: header.state_root,
        }
    }
}

fn compare(height: u64, first: Seen, second: Seen) -> Result<(), TrialError> {
    if first.block == second.block {
        return Ok(());
    }
    let same_input =
        first.parent == second.parent && first.transactions_root == second.transactions_root;
    if same_input && first.state_root != second.state_root {
        return Err(TrialError::States {
            height,
            first: first.node,
            one: first.state_root,
            second: second.node,
            other: second.state_root,
        });
    }
    Err(TrialError::Fork {
        height,
        first: first.node,
        one: first.block,
        second: second.node,
        other: second.block,
    })
}

async fn headers(
    testnet: &Testnet,
    node: u8,
    heights: std::ops::RangeInclusive<u64>,
) -> Result<Vec<ProvenHeader>, TrialError> {
    let verifier = testnet.verifier();
    let blocks = testnet.api(node).blocks(heights.clone(), false).await;
    let blocks = blocks.map_err(|status| TrialError::NoAnswer { node, status: status.into() })?;
    let prove = |(block, expected): (vouchsafe_proto::v1::GetBlockResponse, u64)| {
        let head = proven::head(&verifier, block.head.as_ref());
        let head = head.map_err(|lie| TrialError::Lie { node, lie: lie.into() })?;
        let actual = head.header().height;
        if actual == expected {
            Ok(head)
        } else {
            Err(TrialError::Order { node, expected, actual })
        }
    };
    blocks.into_iter().zip(heights).map(prove).collect()
}

/// Checks that each node proves every acknowledged statement; waits for those that are behind.
///
/// # Errors
/// [`TrialError::Lost`], [`TrialError::Lie`], or that a node does not come that far.
pub async fn nothing_lost(
    testnet: &Testnet,
    nodes: &[u8],
    acknowledged: &[Acknowledged],
) -> Result<(), TrialError> {
    let height = acknowledged.iter().map(|one| one.height).max().unwrap_or(0);
    testnet.reach(nodes, height, CATCH_UP_WITHIN).await?;
    for node in nodes {
        for part in acknowledged.chunks(NAMES_AT_ONCE) {
            let statements: Vec<_> = part.iter().map(|one| &one.statement).collect();
            proven_by(testnet, *node, &statements).await?;
        }
    }
    Ok(())
}

/// Checks that a node proves statements under its newest header.
///
/// # Errors
/// [`TrialError::Lost`], [`TrialError::Lie`], [`TrialError::NoAnswer`].
pub async fn proven_by(
    testnet: &Testnet,
    node: u8,
    statements: &[&Statement],
) -> Result<(), TrialError> {
    let keys: Vec<_> = statements.iter().map(|statement| statement.asset).collect();
    let names: Vec<_> = keys.iter().map(|key| StateName::Asset(*key)).collect();
    let answer = testnet.api(node).status(&names).await;
    let answer = answer.map_err(|status| TrialError::NoAnswer { node, status: status.into() })?;
    let proven = proven::assets(&testnet.verifier(), &keys, answer);
    let proven = proven.map_err(|lie| TrialError::Lie { node, lie: lie.into() })?;
    for (statement, record) in statements.iter().zip(&proven.records) {
        if !record.as_ref().is_some_and(|record| trusts(record, statement)) {
            return Err(TrialError::Lost { id: statement.id, node });
        }
    }
    Ok(())
}

/// Does a record say what a statement said?
pub(crate) fn trusts(record: &AssetRecord, statement: &Statement) -> bool {
    record.organizations.iter().any(|entry| {
        entry.organization == statement.organization && entry.status == Status::Trusted
    })
}

/// How many pieces of evidence stand in a node's blocks of some heights.
///
/// # Errors
/// [`TrialError::NoAnswer`], [`TrialError::Lie`].
pub async fn evidence(
    testnet: &Testnet,
    node: u8,
    heights: std::ops::RangeInclusive<u64>,
) -> Result<usize, TrialError> {
    let verifier = testnet.verifier();
    let blocks = testnet.api(node).blocks(heights, true).await;
    let blocks = blocks.map_err(|status| TrialError::NoAnswer { node, status: status.into() })?;
    let mut count = 0;
    for response in blocks {
        let lie = |lie: Lie| TrialError::Lie { node, lie: lie.into() };
        let head = proven::head(&verifier, response.head.as_ref()).map_err(lie)?;
        let block: Block = decode("block", &response.block).map_err(|error| lie(error.into()))?;
        // The header binds the evidence by its root, which every validator has checked.
        if block.header.block_id() != head.block_id() {
            return Err(lie(Lie::Missing("block")));
        }
        count += block.evidence.len();
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_blocks_at_one_height_are_a_fork_and_two_states_of_one_block_no_determinism() {
        let digest = |byte| Digest([byte; 32]);
        let one = Seen {
            node: 1,
            block: BlockId(digest(1)),
            parent: BlockId(digest(2)),
            transactions_root: digest(3),
            state_root: digest(4),
        };
        let same = Seen { node: 2, ..one };
        compare(7, one, same).expect("one block");
        let other = Seen { block: BlockId(digest(9)), ..same };
        assert!(matches!(compare(7, one, other), Err(TrialError::Fork { height: 7, .. })));
        let state = Seen { state_root: digest(9), ..other };
        assert!(matches!(compare(7, one, state), Err(TrialError::States { height: 7, .. })));
        let earlier = Seen { parent: BlockId(digest(9)), ..state };
        assert!(matches!(compare(7, one, earlier), Err(TrialError::Fork { height: 7, .. })));
    }
}
