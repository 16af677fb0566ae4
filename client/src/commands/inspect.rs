//! `vouch inspect`: everything that the ledger holds about one file, and proof that it is all.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::record::{AssetRecord, Event, StateName};

use crate::answer::{Lie, NoAnswer, NodeFailure};
use crate::block_transaction::{asset_of_event, fetch};
use crate::cli::InspectArguments;
use crate::commands::inspect_entry::{EventEntry, InspectEntry};
use crate::commands::sshsig;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::failure::Failure;
use crate::fold::{Fold, Signers};
use crate::inputs::{Input, Named};
use crate::judgment::{ProvenAt, Reliance, judge};
use crate::log_reader::{Collect, Last};
use crate::nodes::Nodes;
use crate::output::report::Report;
use crate::proven::ProvenTransaction;
use crate::timestamp::now_ms;
use crate::verification::whole_log;

/// All events folded, and the last of them kept.
#[derive(Clone)]
struct History {
    fold: Fold,
    last: Last<Event>,
}

impl Collect<Event> for History {
    fn take(&mut self, index: u64, entry: Event) {
        self.fold.apply(index, &entry);
        self.last.take(index, entry);
    }
}

/// Shows one asset, or writes a transaction's SSH signature.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, arguments: InspectArguments) -> Result<Report, Failure> {
    if let (Some(folder), Some(id)) = (&arguments.sshsig, &arguments.subject) {
        return sshsig::run(context, folder, id).await;
    }
    let nodes = context.nodes()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(nodes.trust(), age_max_ms)?;
    let input = read(context, &arguments)?;
    let key = AssetKey { scheme: Scheme::Bytes, digest: input.digest };
    let answered = nodes.assets(vec![key], freshness).await?;
    context.report(&answered.failures);
    let at = ProvenAt::from(&answered.value.head);
    context.remember(nodes.trust(), &at)?;
    let record = answered.value.records.into_iter().next().flatten();
    let events = match &record {
        Some(record) => {
            history(context, &nodes, answered.node, key, record, arguments.limit).await?
        }
        None => Vec::new(),
    };
    let said = record.iter().flat_map(|record| record.organizations.to_vec()).collect();
    let checked = judge(&Reliance::default().policy, record, said, at);
    let entry = InspectEntry::new(&input, &checked, events, now_ms());
    let mut report = Report::new("inspect");
    report.add_judged(&entry, checked.exit(), None);
    Ok(report)
}

fn read(context: &Context, arguments: &InspectArguments) -> Result<Input, Failure> {
    let named = Named {
        files: arguments.subject.iter().cloned().collect(),
        hashes: arguments.hash.iter().cloned().collect(),
    };
    let mut read = named.read(context.quiet(), &mut std::io::stdin().lock())?;
    let input = read.pop().expect("one thing is named, and each has its result");
    input.map_err(|(_, error)| Failure::Hashing(error))
}

/// The last events, each with what its transaction says of the asset.
async fn history(
    context: &Context,
    nodes: &Nodes,
    node: usize,
    key: AssetKey,
    record: &AssetRecord,
    limit: usize,
) -> Result<Vec<EventEntry>, Failure> {
    let collector = History { fold: Fold::new(Signers::everyone()), last: Last::new(limit) };
    let name = StateName::Asset(key);
    let (history, failures) =
        whole_log::<Event, _>(nodes, node, name, record.events, collector, context.quiet()).await?;
    context.report(&failures);
    let lie = |lie: Lie| {
        let node = nodes.clients()[node].url().clone();
        NoAnswer(vec![NodeFailure { node, error: lie.into() }])
    };
    if !history.fold.agrees_with(record) {
        return Err(lie(Lie::EventsDisagree).into());
    }
    let mut transactions: BTreeMap<TransactionId, ProvenTransaction> = BTreeMap::new();
    let mut events = Vec::new();
    for (index, event) in history.last.into_entries() {
        let id = event.transaction_id;
        let proven = match transactions.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let (proven, failures) = fetch(nodes, node, &id).await?;
                context.report(&failures);
                place.insert(proven)
            }
        };
        let asset = asset_of_event(&key, index, &event, proven).map_err(lie)?;
        events.push(EventEntry::new(index, &event, asset));
    }
    Ok(events)
}
