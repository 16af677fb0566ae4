//! Several nodes, asked together: the newest proven answer counts, and a lie is never passed over
//! in silence.
//!
//! ```text
//!            ┌─▶ node 1 ─ prove ─ fresh? ─┐
//! question ──┼─▶ node 2 ─ prove ─ fresh? ─┼─▶ the newest header's answer
//!            └─▶ node 3 ─ prove ─ fresh? ─┘    + who lied, who failed
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::record::StateName;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, NoAnswer, NodeFailure};
use crate::freshness::Freshness;
use crate::node_client::NodeClient;
use crate::proven::{self, ProvenAssets, ProvenState};
use crate::timestamp::now_ms;
use crate::trust::Trust;

/// When one node has answered, the others have this long to show something newer.
const GRACE: Duration = Duration::from_secs(2);
/// A node that is behind what was seen is asked again so often before it is given up.
const CATCH_UP_TRIES: u32 = 10;
/// Between those questions.
const CATCH_UP_PAUSE: Duration = Duration::from_millis(300);

/// Something that hangs from a proven header.
pub trait UnderHeader {
    /// The header.
    fn head(&self) -> &ProvenHeader;
}

impl UnderHeader for ProvenHeader {
    fn head(&self) -> &ProvenHeader {
        self
    }
}

impl UnderHeader for ProvenState {
    fn head(&self) -> &ProvenHeader {
        &self.head
    }
}

impl UnderHeader for ProvenAssets {
    fn head(&self) -> &ProvenHeader {
        &self.head
    }
}

/// The newest answer, who gave it, and who gave none.
#[derive(Clone, Debug)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The node that gave it, by its place among those asked.
    pub node: usize,
    /// The others that lied or failed.
    pub failures: Vec<NodeFailure>,
}

/// The nodes that are asked, and what their answers are checked against.
#[derive(Clone, Debug)]
pub struct Nodes {
    clients: Vec<NodeClient>,
    trust: Arc<Trust>,
}

impl Nodes {
    /// Nodes of a chain.
    #[must_use]
    pub fn new(clients: Vec<NodeClient>, trust: Arc<Trust>) -> Self {
        Self { clients, trust }
    }

    /// The nodes, in the order they were named.
    #[must_use]
    pub fn clients(&self) -> &[NodeClient] {
        &self.clients
    }

    /// What answers are checked against.
    #[must_use]
    pub fn trust(&self) -> &Arc<Trust> {
        &self.trust
    }

    /// The clients, beginning with one of them.
    pub fn beginning_with(&self, first: usize) -> impl Iterator<Item = &NodeClient> {
        let (before, from) = self.clients.split_at(first.min(self.clients.len()));
        let (first, after) = from.split_at(from.len().min(1));
        first.iter().chain(before).chain(after)
    }

    /// The newest proven records of assets.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn assets(
        &self,
        keys: Vec<AssetKey>,
        freshness: Freshness,
    ) -> Result<Answered<ProvenAssets>, NoAnswer> {
        let keys: Arc<[AssetKey]> = keys.into();
        let names: Arc<[StateName]> = keys.iter().map(|key| StateName::Asset(*key)).collect();
        self.newest(freshness, move |node, trust| {
            let (keys, names) = (keys.clone(), names.clone());
            async move {
                let answer = node.status(&names).await.map_err(CouldNotCheck::from)?;
                Ok(proven::assets(trust.verifier(), &keys, answer)?)
            }
        })
        .await
    }

    /// The newest proven records of any names.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn state(
        &self,
        names: Vec<StateName>,
        freshness: Freshness,
    ) -> Result<Answered<ProvenState>, NoAnswer> {
        let names: Arc<[StateName]> = names.into();
        self.newest(freshness, move |node, trust| {
            let names = names.clone();
            async move {
                let answer = node.status(&names).await.map_err(CouldNotCheck::from)?;
                Ok(proven::state(trust.verifier(), &names, answer)?)
            }
        })
        .await
    }

    /// Asks every node the same and takes the newest answer that is proven and fresh.
    async fn newest<T, A, F>(&self, freshness: Freshness, ask: A) -> Result<Answered<T>, NoAnswer>
    where
        T: UnderHeader + Send + 'static,
        A: Fn(NodeClient, Arc<Trust>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<T, AnswerError>> + Send,
    {
        let mut tasks = JoinSet::new();
        for (place, client) in self.clients.iter().cloned().enumerate() {
            let (ask, trust) = (ask.clone(), self.trust.clone());
            tasks.spawn(async move { (place, fresh(&client, &trust, freshness, ask).await) });
        }
        let mut gathered =
            Gathered { best: None, failures: Vec::new(), silent: vec![true; self.clients.len()] };
        let mut deadline = None;
        while !tasks.is_empty() {
            let joined = tokio::select! {
                joined = tasks.join_next() => joined,
                () = until(deadline) => break,
            };
            if let Some(Ok((place, result))) = joined {
                gathered.take(self.clients[place].clone(), place, result);
            }
            if gathered.best.is_some() && deadline.is_none() {
                deadline = Some(Instant::now() + GRACE);
            }
        }
        gathered.finish(&self.clients)
    }
}

/// Waits for a time that may not be set yet.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// One node's answer, proven and fresh; a node that is merely behind is given time to catch up.
async fn fresh<T, A, F>(
    client: &NodeClient,
    trust: &Arc<Trust>,
    freshness: Freshness,
    ask: A,
) -> Result<T, AnswerError>
where
    T: UnderHeader,
    A: Fn(NodeClient, Arc<Trust>) -> F,
    F: Future<Output = Result<T, AnswerError>>,
{
    let mut tries = 0;
    loop {
        let value = ask(client.clone(), trust.clone()).await?;
        match freshness.check(value.head(), now_ms()) {
            Ok(()) => return Ok(value),
            Err(AnswerError::CouldNotCheck(CouldNotCheck::RolledBack { .. }))
                if tries < CATCH_UP_TRIES =>
            {
                tries += 1;
                sleep(CATCH_UP_PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The answers so far.
struct Gathered<T> {
    best: Option<(usize, T)>,
    failures: Vec<NodeFailure>,
    silent: Vec<bool>,
}

impl<T: UnderHeader> Gathered<T> {
    fn take(&mut self, client: NodeClient, place: usize, result: Result<T, AnswerError>) {
        self.silent[place] = false;
        match result {
            Err(error) => self.failures.push(NodeFailure { node: client.url().clone(), error }),
            Ok(value) => {
                let height = |value: &T| value.head().header().height;
                if self.best.as_ref().is_none_or(|(_, best)| height(best) < height(&value)) {
                    self.best = Some((place, value));
                }
            }
        }
    }

    fn finish(mut self, clients: &[NodeClient]) -> Result<Answered<T>, NoAnswer> {
        for (client, _) in clients.iter().zip(&self.silent).filter(|(_, silent)| **silent) {
            let cause = "others answered, and it was not waited for".to_owned();
            let error = CouldNotCheck::Interrupted(cause).into();
            self.failures.push(NodeFailure { node: client.url().clone(), error });
        }
        match self.best {
            Some((node, value)) => Ok(Answered { value, node, failures: self.failures }),
            None => Err(NoAnswer(self.failures)),
        }
    }
}
