//! A node that is behind fetches committed blocks, checks each certificate against the validators
//! of its height before it executes anything, and stores block after block.
//!
//! Whoever sent what does not hold is blamed and asked no more; the next one is asked. While this
//! node is behind it begins no height, and so it does not vote.

use std::sync::Arc;

use vouchsafe_consensus::{Input, Phase};
use vouchsafe_ledger::{StoreRead, body_matches_header};
use vouchsafe_types::canonical::Canonical as _;

use crate::blocks::Stage;
use crate::catch_up::{RUN_HEIGHTS, RUNS_MAX};
use crate::effect::{Effect, Fault, Notice};
use crate::error::ReplicaError;
use crate::event::PeerNumber;
use crate::peer::{CertifiedBlock, Request};
use crate::replica::Replica;
use crate::requests::Purpose;

/// Who lags by so many heights is behind at once; by fewer, only if it still lags at the next
/// survey: blocks that are being decided arrive by themselves.
const LAG_HEIGHTS: u64 = 8;
/// A run that takes longer than this is also asked of another peer, in milliseconds.
const STALL_MS: u64 = 2_000;

impl<S: StoreRead> Replica<S> {
    /// Is this node behind?
    pub(crate) fn is_behind(&self) -> bool {
        self.catch_up.target.is_some()
    }

    /// At each survey: what somebody had at the last one and is not here yet will not come by
    /// itself.
    pub(crate) fn suspect_lag(&mut self) {
        let height = self.ledger.head().height;
        self.catch_up.lags = self.peers.best_height(self.now_ms) > height;
        let honest = self.peers.honest_height(&self.ledger.head().validators);
        // Who said more may have gone: it says so again before it counts as within reach.
        let was_behind = self.is_behind();
        self.set_target((honest > height).then_some(honest));
        if let Some(target) = self.catch_up.target.filter(|_| was_behind) {
            self.effects.push(Effect::Notice(Notice::CatchingUp { height, target }));
        }
    }

    /// A peer has said how far it is.
    pub(crate) fn notice_lag(&mut self) {
        let head = self.ledger.head();
        let honest = self.peers.honest_height(&head.validators);
        // Before the first height begins here, any lag is one.
        let tolerated = if self.has_started { LAG_HEIGHTS } else { 0 };
        if honest > head.height + tolerated || (self.is_behind() && honest > head.height) {
            self.set_target(Some(honest));
        }
    }

    /// Changes what is to be reached, and says when a node falls behind and when it is level again.
    fn set_target(&mut self, target: Option<u64>) {
        let height = self.ledger.head().height;
        match (self.catch_up.target, target) {
            (None, Some(target)) => {
                self.effects.push(Effect::Notice(Notice::CatchingUp { height, target }));
            }
            (Some(_), None) => self.effects.push(Effect::Notice(Notice::CaughtUp { height })),
            _ => {}
        }
        self.catch_up.target = target;
    }

    /// Asks for what is missing, and applies what is here.
    pub(crate) fn catch_up(&mut self) -> Result<(), ReplicaError> {
        self.apply_ready()?;
        let height = self.ledger.head().height;
        self.set_target(self.catch_up.target.filter(|target| height < *target));
        let (head, best) = (self.ledger.head().height, self.peers.best_height(self.now_ms));
        // A single peer may say what it likes: it is asked for proof, and nothing waits for it.
        let lags = self.is_behind() || self.catch_up.lags || best > head + LAG_HEIGHTS;
        if best <= head || !lags {
            return Ok(());
        }
        let asked: Vec<(u64, u32)> = self.runs_asked().collect();
        let runs_max = RUNS_MAX.saturating_sub(asked.len());
        for (from, count) in self.catch_up.missing(head, best, &asked, runs_max) {
            let has = |number: &PeerNumber| {
                let height = self.peers.get(*number).and_then(|peer| peer.height);
                height.is_some_and(|height| height >= from)
            };
            let Some(peer) = self.trusted_peers().into_iter().find(has) else { continue };
            let purpose = Purpose::Blocks { from, count };
            self.ask(peer, purpose, Request::Blocks { from, count });
        }
        Ok(())
    }

    /// The runs that are asked for and not overdue.
    fn runs_asked(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.requests.iter().filter_map(|open| match open.purpose {
            Purpose::Blocks { from, count } if self.now_ms < open.asked_ms + STALL_MS => {
                Some((from, count))
            }
            _ => None,
        })
    }

    pub(crate) fn on_blocks(
        &mut self,
        peer: PeerNumber,
        from: u64,
        count: u32,
        blocks: Vec<CertifiedBlock>,
    ) -> Result<(), ReplicaError> {
        if blocks.is_empty() {
            let claimed = self.peers.get(peer).and_then(|peer| peer.height).unwrap_or(0);
            self.mistrust(peer, Fault::Withheld { claimed, height: from });
            return self.catch_up();
        }
        let count = count.min(RUN_HEIGHTS) as usize;
        let in_order = (from..)
            .zip(&blocks)
            .all(|(height, certified)| certified.block.header.height == height);
        if blocks.len() > count || !in_order {
            self.mistrust(peer, Fault::FalseAnswer);
            return self.catch_up();
        }
        let head = self.ledger.head().height;
        for certified in blocks {
            if certified.block.header.height > head {
                self.catch_up.keep(peer, certified);
            }
        }
        self.catch_up()
    }

    /// Applies the blocks whose turn it is.
    pub(crate) fn apply_ready(&mut self) -> Result<(), ReplicaError> {
        while self.committing.is_none() {
            let height = self.ledger.head().height + 1;
            let Some((from, certified)) = self.catch_up.take(height) else { return Ok(()) };
            if !self.check_certified(from, &certified) {
                self.catch_up.forget(from);
                return Ok(());
            }
            self.apply(*certified)?;
        }
        Ok(())
    }

    /// Does a certificate of this height's validators name this very block?
    fn check_certified(&mut self, from: PeerNumber, certified: &CertifiedBlock) -> bool {
        let CertifiedBlock { block, certificate } = certified;
        let (height, block_id) = (block.header.height, block.header.block_id());
        let names_it = certificate.height == height && certificate.block_id == block_id;
        if !names_it || !body_matches_header(block) {
            self.mistrust(from, Fault::FalseAnswer);
            return false;
        }
        let ledger = &self.ledger;
        let (rule, set) = (&*ledger.terms().signature_rule, &ledger.head().validators);
        match certificate.verify_under(rule, ledger.chain_id(), set) {
            Ok(()) => true,
            Err(error) => {
                self.mistrust(from, Fault::FalseCertificate { height, error });
                false
            }
        }
    }

    /// Executes and stores the next block, whose certificate verified.
    fn apply(&mut self, certified: CertifiedBlock) -> Result<(), ReplicaError> {
        let CertifiedBlock { block, certificate } = certified;
        let (height, block_id) = (block.header.height, block.header.block_id());
        let block = Arc::new(block);
        if self.engine.phase() == Phase::Running && self.engine.height() == height {
            // The engine decides it: it knows of offences at this height.
            self.candidates.complete(block_id, &block);
            self.feed_engine(Input::CommitCertificate(certificate))?;
            self.drain_engine()?;
            return self.judge_held(block_id);
        }
        let executed = self.execute_decided(&block)?;
        let body = block.to_bytes();
        self.candidates.insert(block_id, block, Stage::Decided);
        self.write_height(executed, certificate, Some(body));
        Ok(())
    }
}
