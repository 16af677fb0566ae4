//! Carries out the effects of a virtual node.

use std::sync::Arc;

use vouchsafe_ledger::{CommitBatch, StoreRead as _, StoreWrite as _};
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_replica::{Effect, Event, Notice, Outcome, PeerNumber, Timer};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::TransactionId;

use super::{Arrival, BEGIN_MS, Happening, REQUEST_MS, World};
use crate::simulation::invariant::Violation;

impl World {
    /// Carries out one effect, and returns the event that answers it, if one does at once.
    pub(super) fn carry_out(
        &mut self,
        node: usize,
        effect: Effect,
    ) -> Result<Option<Event>, Violation> {
        let life = self.nodes[node].life;
        let running = self.nodes[node].running.as_mut().expect("it has just judged something");
        match effect {
            Effect::Wal(operation) => running.wal(operation),
            Effect::SignRecord(mark) => running.sign_record(mark),
            Effect::StoreBody { block_id, block } => {
                let height = block.header.height;
                let stored = self.nodes[node].store.put_body(height, &block_id, &block.to_bytes());
                stored.map_err(|error| format!("store: node {node}: {error}"))?;
                if self.random.chance(300) {
                    let delay_ms = self.random.between(1, 30);
                    self.at(delay_ms, Happening::Stored { node, life, block_id });
                } else {
                    return Ok(Some(Event::BodyStored { block_id }));
                }
            }
            Effect::KeepEvidence { offence, evidence } => {
                let kept = self.nodes[node].store.put_evidence(offence, &evidence.to_bytes());
                kept.map_err(|error| format!("store: node {node}: {error}"))?;
            }
            Effect::Commit(batch) => return self.commit(node, &batch).map(Some),
            Effect::Broadcast(message) => self.broadcast(node, message)?,
            Effect::Gossip(transaction) => {
                for to in self.connected(node) {
                    let (life, what) = (self.nodes[to].life, Arc::clone(&transaction));
                    self.send(node, to, life, 0, Arrival::Transaction(what));
                }
            }
            Effect::Ask { peer, number, request } => {
                let to = usize::try_from(peer.0).expect("a node's number");
                // Unless an answer comes first.
                let answer = Arrival::Answer { number, response: None };
                let happening = Happening::Arrives { from: to, to: node, life, what: answer };
                self.at(REQUEST_MS, happening);
                if self.network.are_connected(node, to) {
                    let question = Arrival::Question { number, request, asked_in: life };
                    self.send(node, to, self.nodes[to].life, 0, question);
                }
            }
            Effect::SetTimer { timer, delay_ms } => self.set_timer(node, timer, delay_ms),
            Effect::CancelTimer(timer) => {
                running.timers.remove(&timer);
            }
            Effect::CancelConsensusTimers => {
                running.timers.retain(|timer, _| !matches!(timer, Timer::Consensus(_)));
            }
            Effect::Blame { peer: PeerNumber(peer), fault } => {
                let peer = usize::try_from(peer).expect("a node's number");
                if self.is_honest(node) {
                    self.invariants.on_blame(node, peer, &fault.to_string())?;
                }
            }
            Effect::Settled { transaction_id, outcome } => {
                self.settle(node, life, transaction_id, &outcome);
            }
            Effect::Admitted { .. } | Effect::Relay { .. } => {}
            Effect::Notice(notice) => self.on_notice(node, &notice)?,
        }
        Ok(None)
    }

    /// Writes a height. Unlike a crash, the store is whole: either all of it is written or nothing.
    fn commit(&mut self, node: usize, batch: &CommitBatch) -> Result<Event, Violation> {
        let store = self.nodes[node].store.clone();
        if self.is_honest(node) {
            let body = store.body(&batch.block_id).map_err(|error| error.to_string())?;
            self.invariants.on_commit(node, batch, body.as_deref(), &store)?;
        }
        store.commit(batch).map_err(|error| format!("store: node {node}: {error}"))?;
        let (height, block_id) = (batch.height, batch.block_id);
        self.trace.note(
            self.now_ms - BEGIN_MS,
            node,
            &[3, height],
            format_args!("commits height {height}, block {block_id}"),
        );
        Ok(Event::Committed { height })
    }

    pub(super) fn connected(&self, node: usize) -> Vec<usize> {
        (0..self.nodes.len()).filter(|to| self.network.are_connected(node, *to)).collect()
    }

    fn set_timer(&mut self, node: usize, timer: Timer, delay_ms: u64) {
        self.order += 1;
        let (setting, life) = (self.order, self.nodes[node].life);
        if let Some(running) = self.nodes[node].running.as_mut() {
            running.timers.insert(timer, setting);
        }
        self.at(delay_ms, Happening::Ends { node, life, timer, setting });
    }

    fn broadcast(&mut self, node: usize, message: PeerMessage) -> Result<(), Violation> {
        if self.is_honest(node) {
            self.invariants.on_sent(node, &message)?;
        }
        self.plot(node, &message);
        let villain = self.villains[node];
        let true_one = Arc::new(message);
        for to in self.connected(node) {
            let (message, late_ms) = match villain {
                None => (Arc::clone(&true_one), 0),
                Some(villain) => {
                    let (key, chain_id) =
                        (self.nodes[node].key.clone(), self.founding.genesis.chain_id());
                    let seconds = &self.second_blocks;
                    let sent =
                        villain.sends(&true_one, &key, &chain_id, seconds, to, &mut self.random);
                    let Some((message, late_ms)) = sent else { continue };
                    (Arc::new(message), late_ms)
                }
            };
            let life = self.nodes[to].life;
            self.send(node, to, life, late_ms, Arrival::Message(message));
        }
        self.flood(node);
        Ok(())
    }

    /// Whoever waits for a transaction at the node that took it is told.
    fn settle(&mut self, node: usize, life: u32, id: TransactionId, outcome: &Outcome) {
        if self.waiting.get(&id) != Some(&(node, life)) || !self.is_honest(node) {
            return;
        }
        self.waiting.remove(&id);
        if let Outcome::Committed { height, .. } = outcome {
            self.invariants.on_acknowledged(id, *height);
        }
    }

    fn on_notice(&mut self, node: usize, notice: &Notice) -> Result<(), Violation> {
        let words = format_args!("{notice:?}").to_string();
        let kind = match notice {
            Notice::RoundStarted { round, .. } => {
                self.nodes[node].rounds_lost += u64::from(*round > 0);
                u64::from(*round)
            }
            _ => 0,
        };
        self.trace.note(self.now_ms - BEGIN_MS, node, &[4, kind], format_args!("{words}"));
        if let Notice::Misbehaviour(evidence) = notice
            && self.is_honest(node)
        {
            self.evidence_count += 1;
            self.invariants.on_evidence(node, evidence)?;
        }
        Ok(())
    }
}
