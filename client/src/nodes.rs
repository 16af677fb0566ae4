//! Several nodes, asked together: the newest proven answer counts, and a lie is never passed over
//! in silence.
//!
//! ```text
//!            ┌─▶ node 1 ─ prove ─ fork? ─ fresh? ─┐
//! question ──┼─▶ node 2 ─ prove ─ fork? ─ fresh? ─┼─▶ the newest header's answer
//!            └─▶ node 3 ─ prove ─ fork? ─ fresh? ─┘    + who lied, who is behind, who failed
//! ```
//!
//! How long is waited: until all have answered, but no longer than [`GRACE`] after the first good
//! answer, nor than [`QUORUM_GRACE`] after more than two thirds of the nodes named gave good ones.
//! One good answer is true and fresh enough, or it would not be good; what waiting can still bring
//! is a block that the first node did not have yet. If fewer than a third of the nodes hide what is
//! new, more than two thirds hold one that does not, and the rest may be dead. A lie or an error
//! shortens no wait. A node that was waited for in vain is asked again by the command's later
//! questions, but not waited for again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::record::StateName;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, NoAnswer, NodeFailure};
use crate::duration::milliseconds;
use crate::evidence::{ProvenEvidence, read_evidence};
use crate::freshness::Freshness;
use crate::node_client::NodeClient;
use crate::proven::{self, ProvenAssets, ProvenFile, ProvenState};
use crate::seen::Seen;
use crate::standing::Standing;
use crate::timestamp::now_ms;
use crate::trust::Trust;
use crate::witness::Witness;

/// When one node has given a good answer, the others have this long to show something newer.
const GRACE: Duration = Duration::from_secs(2);
/// When more than two thirds of the nodes have, the others have this long.
const QUORUM_GRACE: Duration = Duration::from_millis(250);
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

impl UnderHeader for ProvenFile {
    fn head(&self) -> &ProvenHeader {
        &self.shown.newest
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
    witness: Arc<Witness>,
}

impl Nodes {
    /// Nodes of a chain.
    #[must_use]
    pub fn new(clients: Vec<NodeClient>, trust: Arc<Trust>, witness: Arc<Witness>) -> Self {
        Self { clients, trust, witness }
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

    /// What this command saw of the nodes.
    #[must_use]
    pub fn witness(&self) -> &Witness {
        &self.witness
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

    /// The newest proven header, and every block that any node proves to hold evidence, by height.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn evidence(
        &self,
        since_height: u64,
        freshness: Freshness,
    ) -> Result<(Answered<ProvenHeader>, BTreeMap<u64, ProvenEvidence>), NoAnswer> {
        let shown: Arc<Mutex<BTreeMap<u64, ProvenEvidence>>> = Arc::default();
        let (shown_by_one, witness) = (Arc::clone(&shown), Arc::clone(&self.witness));
        let ask = move |node: NodeClient, trust: Arc<Trust>| {
            let (shown, witness) = (Arc::clone(&shown_by_one), Arc::clone(&witness));
            async move {
                let blocks = read_evidence(&node, &trust, since_height).await?;
                for block in &blocks {
                    witness.head(node.url(), &block.head)?;
                }
                let newest = node.newest().await.map_err(CouldNotCheck::from)?;
                let head = proven::head(trust.verifier(), newest.head.as_ref())?;
                let of_height = |block: ProvenEvidence| (block.head.header().height, block);
                let mut shown = shown.lock().expect("nothing panics under this lock");
                shown.extend(blocks.into_iter().map(of_height));
                Ok(head)
            }
        };
        let answered = self.newest(freshness, ask).await?;
        let shown = std::mem::take(&mut *shown.lock().expect("nothing panics under this lock"));
        Ok((answered, shown))
    }

    /// The newest proven header.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn head(&self, freshness: Freshness) -> Result<Answered<ProvenHeader>, NoAnswer> {
        self.newest(freshness, |node, trust| async move {
            let newest = node.newest().await.map_err(CouldNotCheck::from)?;
            Ok(proven::head(trust.verifier(), newest.head.as_ref())?)
        })
        .await
    }

    /// Asks every node the same and takes the newest answer that is proven and fresh.
    pub(crate) async fn newest<T, A, F>(
        &self,
        freshness: Freshness,
        ask: A,
    ) -> Result<Answered<T>, NoAnswer>
    where
        T: UnderHeader + Send + 'static,
        A: Fn(NodeClient, Arc<Trust>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<T, AnswerError>> + Send,
    {
        let mut tasks = JoinSet::new();
        for (place, client) in self.clients.iter().cloned().enumerate() {
            let (nodes, ask) = (self.clone(), ask.clone());
            tasks.spawn(async move { (place, fresh(&nodes, client, freshness, ask).await) });
        }
        let mut gathered = Gathered::new(&self.clients, &self.witness);
        let mut waited_for_all = true;
        while !tasks.is_empty() {
            let joined = tokio::select! {
                joined = tasks.join_next() => joined,
                () = until(gathered.deadline) => {
                    waited_for_all = false;
                    break;
                }
            };
            if let Some(Ok((place, asked))) = joined {
                gathered.take(place, asked);
            }
        }
        let answered = gathered.finish(&self.witness, freshness, waited_for_all);
        match &answered {
            Ok(answered) => {
                self.witness.used(self.clients[answered.node].url());
                self.witness.failed(&answered.failures);
            }
            Err(NoAnswer(failures)) => self.witness.failed(failures),
        }
        answered
    }
}

/// Waits for a time that may not be set yet.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// What one node showed.
struct Asked<T> {
    /// The newest header that it proved, even if its answer is not used.
    head: Option<Seen>,
    result: Result<T, AnswerError>,
}

/// One node's answer, proven and fresh; a node that is merely behind is given time to catch up.
async fn fresh<T, A, F>(nodes: &Nodes, client: NodeClient, freshness: Freshness, ask: A) -> Asked<T>
where
    T: UnderHeader,
    A: Fn(NodeClient, Arc<Trust>) -> F,
    F: Future<Output = Result<T, AnswerError>>,
{
    let mut head = None;
    let mut tries = 0;
    loop {
        let value = match ask(client.clone(), nodes.trust.clone()).await {
            Ok(value) => value,
            Err(error) => return Asked { head, result: Err(error) },
        };
        let proven = Seen::from(value.head());
        head = Some(proven);
        if let Err(lie) = nodes.witness.head(client.url(), value.head()) {
            return Asked { head, result: Err(lie.into()) };
        }
        match freshness.check(proven, now_ms()) {
            Ok(()) => return Asked { head, result: Ok(value) },
            Err(CouldNotCheck::RolledBack { .. }) if tries < CATCH_UP_TRIES => {
                tries += 1;
                sleep(CATCH_UP_PAUSE).await;
            }
            Err(error) => return Asked { head, result: Err(error.into()) },
        }
    }
}

/// The answers so far.
struct Gathered<'a, T> {
    clients: &'a [NodeClient],
    began: Instant,
    /// When the rest is no longer waited for.
    deadline: Option<Instant>,
    best: Option<(usize, T)>,
    good: usize,
    failures: Vec<(Option<Seen>, NodeFailure)>,
    silent: Vec<bool>,
    /// Whom an earlier question of the command waited for, or found to be behind.
    hopeless: Vec<bool>,
}

impl<'a, T: UnderHeader> Gathered<'a, T> {
    fn new(clients: &'a [NodeClient], witness: &Witness) -> Self {
        let standing = |client: &NodeClient| witness.standing_of(client.url());
        let hopeless = |client| standing(client).is_some_and(Standing::is_not_waited_for);
        Self {
            hopeless: clients.iter().map(hopeless).collect(),
            clients,
            began: Instant::now(),
            deadline: None,
            best: None,
            good: 0,
            failures: Vec::new(),
            silent: vec![true; clients.len()],
        }
    }

    fn take(&mut self, place: usize, asked: Asked<T>) {
        self.silent[place] = false;
        let node = self.clients[place].url().clone();
        match asked.result {
            Err(error) => self.failures.push((asked.head, NodeFailure { node, error })),
            Ok(value) => {
                let height = |value: &T| value.head().header().height;
                if self.best.as_ref().is_none_or(|(_, best)| height(best) < height(&value)) {
                    self.best = Some((place, value));
                }
                self.good += 1;
            }
        }
        if let Some(grace) = self.grace() {
            let until = Instant::now() + grace;
            self.deadline = Some(self.deadline.map_or(until, |deadline| deadline.min(until)));
        }
    }

    /// How long the rest is waited for from now on, if there is a good answer.
    fn grace(&self) -> Option<Duration> {
        let enough = 3 * self.good > 2 * self.clients.len();
        let expected = self.silent.iter().zip(&self.hopeless).any(|(silent, no)| *silent && !no);
        match (self.good, expected, enough) {
            (0, ..) => None,
            (_, false, _) => Some(Duration::ZERO),
            (_, true, true) => Some(QUORUM_GRACE),
            (_, true, false) => Some(GRACE),
        }
    }

    fn finish(
        mut self,
        witness: &Witness,
        freshness: Freshness,
        waited_for_all: bool,
    ) -> Result<Answered<T>, NoAnswer> {
        let waited_ms = milliseconds(self.began.elapsed());
        for (client, _) in self.clients.iter().zip(&self.silent).filter(|(_, silent)| **silent) {
            let (node, head) = (client.url().clone(), witness.newest_of(client.url()));
            let old = head.zip(freshness.seen).filter(|(head, seen)| head.height < seen.height);
            let error = match old {
                // It did answer, and was given time to catch up.
                Some((head, seen)) => {
                    CouldNotCheck::RolledBack { height: head.height, seen: seen.height }
                }
                None if waited_for_all => {
                    CouldNotCheck::Interrupted("the question ended early".to_owned())
                }
                None => CouldNotCheck::Slow(waited_ms),
            };
            self.failures.push((head, NodeFailure { node, error: error.into() }));
        }
        let newest = self.best.as_ref().map(|(_, value)| Seen::from(value.head()));
        let failures = self
            .failures
            .into_iter()
            .map(|(head, failure)| lagging(failure, head, newest, freshness.age_max_ms))
            .collect();
        match self.best {
            Some((node, value)) => Ok(Answered { value, node, failures }),
            None => Err(NoAnswer(failures)),
        }
    }
}

/// Beside a newer header, a node that is too old is known to be behind, and by how much.
fn lagging(
    failure: NodeFailure,
    head: Option<Seen>,
    newest: Option<Seen>,
    age_max_ms: u64,
) -> NodeFailure {
    let old = matches!(
        failure.error,
        AnswerError::CouldNotCheck(CouldNotCheck::Stale { .. } | CouldNotCheck::RolledBack { .. })
    );
    let (Some(head), Some(newest), true) = (head, newest, old) else { return failure };
    let behind_ms = newest.time_ms.saturating_sub(head.time_ms);
    if behind_ms <= age_max_ms {
        return failure;
    }
    let error = CouldNotCheck::Lagging { height: head.height, newest: newest.height, behind_ms };
    NodeFailure { error: error.into(), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture as chain;
    use crate::tls::TlsOptions;

    fn clients(count: u16) -> Vec<NodeClient> {
        let client = |port| {
            let url = format!("http://127.0.0.1:{port}").parse().expect("valid");
            NodeClient::new(url, GRACE, &TlsOptions::default()).expect("no TLS")
        };
        (1..=count).map(client).collect()
    }

    fn good(height: u64) -> Asked<ProvenHeader> {
        let header = chain::header(height, vouchsafe_types::hash::Digest::ZERO, &[]);
        let certified = chain::certified(&header);
        let trust = Trust::new(chain::genesis("fixture"));
        let head = proven::head(trust.verifier(), Some(&certified)).expect("certified");
        Asked { head: Some(Seen::from(&head)), result: Ok(head) }
    }

    fn bad() -> Asked<ProvenHeader> {
        Asked { head: None, result: Err(CouldNotCheck::Timeout(1).into()) }
    }

    #[test]
    fn the_wait_is_shorter_once_more_than_two_thirds_have_answered_well() {
        let clients = clients(5);
        let mut gathered = Gathered::new(&clients, &Witness::default());
        gathered.take(0, bad());
        assert_eq!(gathered.grace(), None, "an error is no reason to stop waiting");
        assert_eq!(gathered.deadline, None);
        for (place, height) in [(1, 9), (2, 8), (3, 9)] {
            gathered.take(place, good(height));
            assert_eq!(gathered.grace(), Some(GRACE), "{place} of five may hide what is new");
        }
        assert!(gathered.deadline.is_some());
        assert_eq!(gathered.best.as_ref().map(|(place, _)| *place), Some(1), "the first of equals");
        let mut gathered = Gathered::new(&clients, &Witness::default());
        (0..4).for_each(|place| gathered.take(place, good(9)));
        assert_eq!(gathered.grace(), Some(QUORUM_GRACE));
    }

    #[test]
    fn nobody_waits_twice_in_vain() {
        let clients = clients(3);
        let witness = Witness::default();
        let slow = CouldNotCheck::Slow(2_000).into();
        witness.failed(&[NodeFailure { node: clients[2].url().clone(), error: slow }]);
        let mut gathered = Gathered::new(&clients, &witness);
        gathered.take(0, good(9));
        assert_eq!(gathered.grace(), Some(GRACE), "the second was not asked before");
        gathered.take(1, bad());
        assert_eq!(gathered.grace(), Some(Duration::ZERO));
    }
}
