//! Clients that verify: one at each node, without a pause but for breath. Each answer is proven
//! before it counts.
//!
//! ```text
//! a statement with a receipt ─▶ trusted, or behind: the node has not come to its block yet
//! a statement never sent     ─▶ unknown, by a proof of absence
//! no answer                  ─▶ counted under the status that the call ended with
//! ```
//!
//! What is proven absent under a header at or above its receipt's is lost.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use vouchsafe_client::proven;
use vouchsafe_genesis::Genesis;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::StateName;
use vouchsafe_types::verifier::Verifier;

use super::report::{Answers, Unanswered};
use crate::api::NodeApi;
use crate::checks::trusts;
use crate::load::{Acknowledged, Receipts, is_refusal};
use crate::simulation::random::Random;
use crate::statement::{Author, Statement};
use crate::testnet::Testnet;
use crate::trial_error::TrialError;

/// Pause between two questions of a client.
const PAUSE: Duration = Duration::from_millis(25);
/// One question of so many is about something that nobody has signed.
const UNKNOWN_ONE_IN: u64 = 8;
/// Every other question is about one of so many of the newest receipts.
const NEWEST: usize = 50;

struct Shared {
    answers: Mutex<Answers>,
    broken: Mutex<Option<TrialError>>,
    receipts: Receipts,
    genesis: Genesis,
    verifier: Verifier,
    /// A key that no genesis document names.
    stranger: Author,
}

/// Clients that verify.
pub(super) struct Verifying {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no client panics while it holds a lock")
}

impl Verifying {
    /// Starts a client at each node.
    pub(super) fn start(
        testnet: &Testnet,
        receipts: Receipts,
        seed: u64,
    ) -> Result<Self, TrialError> {
        let organization = OrganizationId::new("stranger").expect("the name keeps to the alphabet");
        let shared = Arc::new(Shared {
            answers: Mutex::default(),
            broken: Mutex::default(),
            receipts,
            genesis: testnet.genesis().clone(),
            verifier: testnet.verifier(),
            stranger: Author::generate(organization)?,
        });
        let (stop, stopped) = watch::channel(false);
        let (mut clients, mut random) = (JoinSet::new(), Random::new(seed));
        for node in testnet.members() {
            let (api, random) = (testnet.api(node), random.fork());
            let (shared, mut stopped) = (shared.clone(), stopped.clone());
            clients.spawn(async move {
                tokio::select! {
                    error = shared.verify(node, &api, random) => {
                        lock(&shared.broken).get_or_insert(error);
                    }
                    // A sender that is gone has no more use for the clients either.
                    _ = stopped.changed() => {}
                }
            });
        }
        Ok(Self { shared, stop, clients })
    }

    /// Has a client found something?
    pub(super) fn check(&self) -> Result<(), TrialError> {
        lock(&self.shared.broken).take().map_or(Ok(()), Err)
    }

    /// Stops at once, and returns what was answered.
    pub(super) async fn stop(mut self) -> (Answers, Result<(), TrialError>) {
        self.stop.send_replace(true);
        while self.clients.join_next().await.is_some() {}
        (lock(&self.shared.answers).clone(), self.check())
    }
}

impl Shared {
    /// Asks until something is broken, and returns that.
    async fn verify(&self, node: u8, api: &NodeApi, mut random: Random) -> TrialError {
        loop {
            let asked = match self.choose(&mut random) {
                Some(receipt) => self.acknowledged(node, api, &receipt).await,
                None => self.unsent(node, api).await,
            };
            if let Err(error) = asked {
                return error;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn choose(&self, random: &mut Random) -> Option<Acknowledged> {
        let count = self.receipts.count();
        if count == 0 || random.below(UNKNOWN_ONE_IN) == 0 {
            return None;
        }
        let span = if random.chance(500) { count } else { count.min(NEWEST) };
        self.receipts.get(count - 1 - random.index(span))
    }

    async fn acknowledged(
        &self,
        node: u8,
        api: &NodeApi,
        receipt: &Acknowledged,
    ) -> Result<(), TrialError> {
        let statement = &receipt.statement;
        let Some(proven) = self.ask(node, api, statement).await? else { return Ok(()) };
        let there = proven.records.first().and_then(Option::as_ref);
        if there.is_some_and(|record| trusts(record, statement)) {
            lock(&self.answers).trusted += 1;
        } else if proven.head.header().height < receipt.height {
            lock(&self.answers).behind += 1;
        } else {
            return Err(TrialError::Lost { id: statement.id, node });
        }
        Ok(())
    }

    async fn unsent(&self, node: u8, api: &NodeApi) -> Result<(), TrialError> {
        let statement = self.stranger.state(&self.genesis)?;
        let Some(proven) = self.ask(node, api, &statement).await? else { return Ok(()) };
        if proven.records.iter().any(Option::is_some) {
            return Err(TrialError::Invented { id: statement.id, node });
        }
        lock(&self.answers).unknown += 1;
        Ok(())
    }

    /// A proven answer; none if the node gives none, which is counted.
    async fn ask(
        &self,
        node: u8,
        api: &NodeApi,
        statement: &Statement,
    ) -> Result<Option<proven::ProvenAssets>, TrialError> {
        match api.status(&[StateName::Asset(statement.asset)]).await {
            Ok(answer) => {
                let proven = proven::assets(&self.verifier, &[statement.asset], answer);
                Ok(Some(proven.map_err(|lie| TrialError::Lie { node, lie: lie.into() })?))
            }
            Err(status) if is_refusal(&status) => {
                Err(TrialError::NoAnswer { node, status: status.into() })
            }
            Err(status) => {
                let name = format!("{:?}", status.code());
                let first = || Unanswered { count: 0, first: format!("node {node}: {status}") };
                lock(&self.answers).none.entry(name).or_insert_with(first).count += 1;
                Ok(None)
            }
        }
    }
}
