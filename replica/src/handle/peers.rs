//! Peers come and go, say how far they are, and answer.
//!
//! ```text
//! Survey timer ─▶ Status to each ─▶ heights ─┬▶ may a height begin? (a quorum is within reach)
//!                                            └▶ behind? ─▶ catch up
//! ```

use vouchsafe_ledger::StoreRead;
use vouchsafe_types::identity::Address;

use crate::effect::{Effect, Fault, Timer};
use crate::error::ReplicaError;
use crate::event::{PeerNumber, RequestNumber};
use crate::peer::{Request, Response};
use crate::replica::Replica;
use crate::requests::{Open, Purpose};

/// How often peers are asked how far they are, in milliseconds.
pub(crate) const SURVEY_MS: u64 = 500;
/// How long nothing is asked of a peer that did not answer, in milliseconds.
const SILENCE_MS: u64 = 2_000;
/// How long nothing is asked of a peer that answered falsely, in milliseconds.
const MISTRUST_MS: u64 = 60_000;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn on_connected(&mut self, peer: PeerNumber, address: Option<Address>) {
        let first = self.peers.is_empty();
        self.peers.connect(peer, address);
        self.survey(peer);
        self.offences.tell_again();
        if first {
            self.set_peer_timers();
        }
    }

    pub(crate) fn on_disconnected(&mut self, peer: PeerNumber) -> Result<(), ReplicaError> {
        self.peers.disconnect(peer);
        for open in self.requests.close_all(peer) {
            self.on_silence(open)?;
        }
        Ok(())
    }

    fn set_peer_timers(&mut self) {
        let (survey, regossip) = (SURVEY_MS, crate::mempool::REGOSSIP_MS);
        self.effects.push(Effect::SetTimer { timer: Timer::Survey, delay_ms: survey });
        self.effects.push(Effect::SetTimer { timer: Timer::Regossip, delay_ms: regossip });
    }

    /// Asks a peer how far it is, unless that question is open.
    fn survey(&mut self, peer: PeerNumber) {
        let height = self.ledger.head().height;
        if self.peers.get(peer).is_some_and(|peer| peer.surveyed.is_none()) {
            let number = self.ask(peer, Purpose::Survey, Request::Status { height });
            if let Some(peer) = self.peers.get_mut(peer) {
                peer.surveyed = Some(number);
            }
        }
    }

    pub(crate) fn on_survey(&mut self) -> Result<(), ReplicaError> {
        if self.peers.is_empty() {
            return Ok(()); // the next one that connects sets the timer again
        }
        self.effects.push(Effect::SetTimer { timer: Timer::Survey, delay_ms: SURVEY_MS });
        self.suspect_lag();
        self.catch_up()?;
        self.seek_bodies()?;
        for peer in self.peers.numbers() {
            self.survey(peer);
        }
        self.start_if_due()
    }

    pub(crate) fn ask(
        &mut self,
        peer: PeerNumber,
        purpose: Purpose,
        request: Request,
    ) -> RequestNumber {
        let number = self.requests.open(peer, purpose, self.now_ms);
        self.effects.push(Effect::Ask { peer, number, request });
        number
    }

    pub(crate) fn on_answered(
        &mut self,
        number: RequestNumber,
        response: Option<Response>,
    ) -> Result<(), ReplicaError> {
        // One that is not open belonged to a peer that went away.
        let Some(open) = self.requests.close(number) else { return Ok(()) };
        let Open { peer, purpose, .. } = open;
        match (purpose, response) {
            (_, None) => self.on_silence(open),
            (Purpose::Survey, Some(Response::Status { height })) => self.on_status(peer, height),
            (Purpose::Blocks { from, count }, Some(Response::Blocks(blocks))) => {
                self.on_blocks(peer, from, count, blocks.into_inner())
            }
            (Purpose::Block(block_id), Some(Response::Block(block))) => {
                self.on_wanted_block(peer, block_id, block)
            }
            (Purpose::Transactions(block_id), Some(Response::Transactions(list))) => {
                self.on_wanted_transactions(peer, block_id, list.into_inner())
            }
            (_, Some(_)) => {
                self.mistrust(peer, Fault::FalseAnswer);
                self.on_silence(open)
            }
        }
    }

    /// A peer did not answer: others are asked.
    fn on_silence(&mut self, open: Open) -> Result<(), ReplicaError> {
        let until_ms = self.now_ms + SILENCE_MS;
        if let Some(peer) = self.peers.get_mut(open.peer) {
            peer.mistrusted_until_ms = peer.mistrusted_until_ms.max(until_ms);
            if open.purpose == Purpose::Survey {
                peer.surveyed = None;
            }
        }
        match open.purpose {
            Purpose::Survey => Ok(()),
            Purpose::Blocks { .. } => self.catch_up(),
            Purpose::Block(block_id) | Purpose::Transactions(block_id) => {
                self.seek_body(block_id);
                Ok(())
            }
        }
    }

    fn on_status(&mut self, peer: PeerNumber, height: u64) -> Result<(), ReplicaError> {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.surveyed = None;
            peer.height = Some(height);
        }
        self.notice_lag();
        self.catch_up()?;
        self.start_if_due()
    }

    /// Blames a peer, and asks it nothing for a while.
    pub(crate) fn mistrust(&mut self, number: PeerNumber, fault: Fault) {
        if let Some(peer) = self.peers.get_mut(number) {
            peer.mistrusted_until_ms = self.now_ms + MISTRUST_MS;
        }
        self.effects.push(Effect::Blame { peer: number, fault });
    }

    /// Trusted peers, those asked least first.
    pub(crate) fn trusted_peers(&self) -> Vec<PeerNumber> {
        let open = |number| {
            let to_it = |open: &&Open| open.peer == number && open.purpose != Purpose::Survey;
            self.requests.iter().filter(to_it).count()
        };
        let trusted = self.peers.iter().filter(|(_, p)| p.mistrusted_until_ms <= self.now_ms);
        let mut numbers: Vec<_> = trusted.map(|(number, _)| (open(number), number)).collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|(_, number)| number).collect()
    }

    /// Is a quorum of the power within reach, this node's own included? Without one nothing can be
    /// decided, and what a quorum has decided meanwhile may not be known here.
    pub(crate) fn reaches_quorum(&self) -> bool {
        self.ledger.head().validators.is_quorum(self.reachable_power())
    }

    /// The power of this node and of the connected validators that answer.
    pub(crate) fn reachable_power(&self) -> u64 {
        let set = &self.ledger.head().validators;
        let own = self.engine.address().and_then(|address| set.get(&address));
        own.map_or(0, |validator| validator.power) + self.peers.power(set)
    }
}
