//! Drives real replicas in one process: real logs and sign records in a temporary folder, a store
//! in memory, and a clock that the test sets.

#![allow(dead_code, reason = "each test program uses a part of this")]

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use vouchsafe_consensus::record_file::RecordFile;
use vouchsafe_consensus::sign_record::SignRecord;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::wal::{Wal, WalFile};
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer as GenesisSigner, ValidatorEntry,
    peer_id_of,
};
use vouchsafe_ledger::{Ledger, MemoryStore, StoreRead, StoreWrite};
use vouchsafe_replica::peer::{PeerMessage, Request, Response};
use vouchsafe_replica::{
    Admission, AdmissionError, Delivery, Effect, Event, Fault, MempoolLimits, Notice, Origin,
    Outcome, PeerNumber, Replica, ReplicaParameters, RequestNumber, Timer, Verdict, WalOperation,
    serve,
};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::hash::{BlockId, ChainId, TransactionId, sha256};
use vouchsafe_types::header::Block;
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, RevocationReason, SignedTransaction,
    Transaction, VerifiedTransaction, signing_data,
};

/// When every test begins, in milliseconds since 1970.
pub(crate) const GENESIS_TIME_MS: u64 = 1_700_000_000_000;

/// A key made from a number.
#[derive(Clone)]
pub(crate) struct Key(ed25519_zebra::SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(ed25519_zebra::SigningKey::from([seed; 32]))
    }
}

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(ed25519_zebra::VerificationKeyBytes::from(&self.0).into())
    }
    fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).into())
    }
}

/// The key of the organization's ordinary signer.
pub(crate) fn signer() -> Key {
    Key::new(100)
}

/// The key of the organization's admin signer.
pub(crate) fn admin() -> Key {
    Key::new(101)
}

/// The key of the other organization's signer.
pub(crate) fn other_signer() -> Key {
    Key::new(110)
}

/// A consortium of two organizations, one of them with some validators.
pub(crate) fn genesis(validators: u8) -> Genesis {
    genesis_with(validators, Parameters::default())
}

/// The same, with parameters of its own.
pub(crate) fn genesis_with(validators: u8, parameters: Parameters) -> Genesis {
    let id = OrganizationId::new("acme").expect("valid");
    let of =
        |key: Key, role| GenesisSigner { public_key: key.public_key(), role, not_after_ms: None };
    let organization = Organization {
        id: id.clone(),
        name: "Acme".into(),
        admin_keys: vec![Key::new(102).public_key()],
        admin_threshold: 1,
        signers: vec![of(signer(), Role::Signer), of(admin(), Role::Admin)],
    };
    let entries = (1..=validators)
        .map(|seed| ValidatorEntry {
            organization: id.clone(),
            consensus_key: Key::new(seed).public_key(),
            peer_id: peer_id_of(&Key::new(seed + 50).public_key()).expect("a key"),
            power: 1,
            addresses: vec![],
        })
        .collect();
    let member = Member::new(organization, entries, vec![]).expect("valid");
    let other = Organization {
        id: OrganizationId::new("globex").expect("valid"),
        name: "Globex".into(),
        admin_keys: vec![Key::new(112).public_key()],
        admin_threshold: 1,
        signers: vec![of(other_signer(), Role::Signer)],
    };
    let other = Member::new(other, vec![], vec![]).expect("valid");
    Genesis::assemble("test", GENESIS_TIME_MS, parameters, vec![member, other]).expect("valid")
}

/// A signed statement about one made-up file.
pub(crate) fn statement(
    chain_id: &ChainId,
    key: &Key,
    content: &str,
    nonce: u8,
    revoke: Option<RevocationReason>,
    expiry_ms: u64,
) -> Box<VerifiedTransaction> {
    let asset = Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[content.as_bytes()]),
        size_bytes: content.len() as u64,
        name: DisplayName::new(content.into()).expect("short"),
        attributes: Attributes::default(),
    };
    let assets = Assets::new(vec![asset]).expect("one");
    let operation = match revoke {
        Some(reason) => Operation::Revoke { assets, reason },
        None => Operation::Notarize { assets },
    };
    let operations = Operations::new(vec![operation]).expect("one");
    let body = Body { version: Version, operations, nonce: [nonce; 16], expiry_ms }.to_bytes();
    let signature = key.sign(&signing_data(chain_id, &body));
    let body = BodyBytes::new(body).expect("short");
    let public_key = key.public_key();
    let signed = SignedTransaction { version: Version, body, public_key, signature };
    let transaction = Transaction::from_signed(chain_id, signed).expect("well formed");
    Box::new(transaction.verify(chain_id).expect("signed"))
}

/// What a node sent.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    Broadcast(PeerMessage),
    Gossip(Arc<VerifiedTransaction>),
    Ask { peer: PeerNumber, number: RequestNumber, request: Request },
}

/// Alters what a node answers.
pub(crate) type Lie = Box<dyn Fn(&Request, Response) -> Option<Response>>;

/// Picks what does not arrive.
pub(crate) type Deaf = Box<dyn Fn(&Sent) -> bool>;

/// One node: a replica and what carries out its effects.
pub(crate) struct Node {
    pub(crate) replica: Replica<MemoryStore>,
    pub(crate) store: MemoryStore,
    pub(crate) now_ms: u64,
    pub(crate) timers: BTreeMap<Timer, u64>,
    pub(crate) outbox: Vec<Sent>,
    /// What this node's peers get instead of its true answers.
    pub(crate) lie: Option<Lie>,
    /// What does not reach this node.
    pub(crate) deaf_to: Option<Deaf>,
    pub(crate) verdicts: BTreeMap<Delivery, Verdict>,
    pub(crate) blamed: Vec<(PeerNumber, Fault)>,
    /// The names of effects, in the order in which they were carried out.
    pub(crate) trace: Vec<&'static str>,
    pub(crate) admitted: BTreeMap<u64, Result<Admission, AdmissionError>>,
    pub(crate) settled: BTreeMap<TransactionId, Outcome>,
    pub(crate) notices: Vec<Notice>,
    /// The block whose body was stored last.
    pub(crate) stored_body: Option<BlockId>,
    /// Carry out only this many more effects, then behave as if the power had gone.
    pub(crate) effects_left: Option<usize>,
    wal: Wal<WalFile>,
    record: SignRecord<RecordFile>,
    ticket: u64,
}

impl Node {
    /// Starts a node on a folder and a store, as a restarted process would.
    pub(crate) fn boot(genesis: &Genesis, key: &Key, folder: &Path, store: MemoryStore) -> Self {
        Self::boot_with(genesis, Some(key), folder, store, MempoolLimits::default())
    }

    /// Starts a node without a key.
    pub(crate) fn boot_observer(genesis: &Genesis, folder: &Path, store: MemoryStore) -> Self {
        Self::boot_with(genesis, None, folder, store, MempoolLimits::default())
    }

    pub(crate) fn boot_with(
        genesis: &Genesis,
        key: Option<&Key>,
        folder: &Path,
        store: MemoryStore,
        mempool: MempoolLimits,
    ) -> Self {
        let ledger = Ledger::open(genesis, store.clone()).expect("opens");
        let wal_file = WalFile::open(folder.join("wal")).expect("opens");
        let (mut wal, _) = Wal::open(wal_file).expect("a sound log");
        let record_file = RecordFile::open(folder.join("record")).expect("opens");
        let record = SignRecord::load(record_file).expect("a sound record");
        let replay = wal.entries_for(ledger.head().height + 1).expect("readable");
        let parameters = ReplicaParameters {
            mempool,
            signer: key.cloned().map(|key| Box::new(key) as Box<dyn Signer>),
            signed: record.latest(),
            replay,
        };
        Self {
            replica: Replica::new(parameters, ledger).expect("sound parameters"),
            store,
            now_ms: GENESIS_TIME_MS,
            timers: BTreeMap::new(),
            outbox: Vec::new(),
            lie: None,
            deaf_to: None,
            verdicts: BTreeMap::new(),
            blamed: Vec::new(),
            trace: Vec::new(),
            admitted: BTreeMap::new(),
            settled: BTreeMap::new(),
            notices: Vec::new(),
            stored_body: None,
            effects_left: None,
            wal,
            record,
            ticket: 0,
        }
    }

    /// Feeds an event, and whatever the effects lead to. False: the power went.
    pub(crate) fn feed(&mut self, event: Event) -> bool {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let effects = self.replica.handle(self.now_ms, event).expect("a sound replica");
            let mut answers = VecDeque::new();
            for effect in effects {
                if self.effects_left == Some(0) {
                    return false;
                }
                self.effects_left = self.effects_left.map(|left| left - 1);
                answers.extend(self.carry_out(effect));
            }
            // What the disk says comes before what waits.
            answers.extend(events);
            events = answers;
        }
        true
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Wal(WalOperation::Reset { height }) => {
                self.trace.push("wal reset");
                self.wal.reset(height).expect("writes");
            }
            Effect::Wal(WalOperation::Append(entry)) => {
                self.trace.push("wal append");
                self.wal.append(&entry).expect("writes");
            }
            Effect::Wal(WalOperation::Flush) => {
                self.trace.push("wal flush");
                self.wal.flush().expect("writes");
            }
            Effect::SignRecord(mark) => {
                self.trace.push("sign record");
                self.record.write(mark).expect("writes");
            }
            Effect::StoreBody { block_id, block } => {
                self.trace.push("store body");
                self.stored_body = Some(block_id);
                let bytes = block.to_bytes();
                self.store.put_body(block.header.height, &block_id, &bytes).expect("writes");
                return Some(Event::BodyStored { block_id });
            }
            Effect::KeepEvidence { offence, evidence } => {
                self.trace.push("keep evidence");
                self.store.put_evidence(offence, &evidence.to_bytes()).expect("writes");
            }
            Effect::Commit(batch) => {
                self.trace.push("commit");
                self.store.commit(&batch).expect("writes");
                let height = self.store.head_height().expect("reads");
                return Some(Event::Committed { height });
            }
            Effect::Broadcast(message) => {
                self.trace.push("send vote or proposal");
                self.outbox.push(Sent::Broadcast(message));
            }
            Effect::Gossip(transaction) => {
                self.trace.push("send transaction");
                self.outbox.push(Sent::Gossip(transaction));
            }
            Effect::Ask { peer, number, request } => {
                self.outbox.push(Sent::Ask { peer, number, request });
            }
            Effect::Relay { delivery, verdict } => {
                self.verdicts.insert(delivery, verdict);
            }
            Effect::Blame { peer, fault } => self.blamed.push((peer, fault)),
            Effect::SetTimer { timer, delay_ms } => {
                self.timers.insert(timer, self.now_ms + delay_ms);
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
            Effect::CancelConsensusTimers => {
                self.timers.retain(|timer, _| !matches!(timer, Timer::Consensus(_)));
            }
            Effect::Admitted { ticket, result } => {
                self.admitted.insert(ticket, result);
            }
            Effect::Settled { transaction_id, outcome } => {
                self.settled.insert(transaction_id, outcome);
            }
            Effect::Notice(notice) => self.notices.push(notice),
        }
        None
    }

    /// Hands in a transaction and says how it was taken.
    pub(crate) fn submit(
        &mut self,
        transaction: Box<VerifiedTransaction>,
    ) -> Result<Admission, AdmissionError> {
        self.ticket += 1;
        let ticket = self.ticket;
        self.feed(Event::Submitted { ticket, transaction, origin: Origin::Client });
        self.admitted.remove(&ticket).expect("every submission is answered")
    }

    /// Lets time pass to the next timer and fires it.
    pub(crate) fn fire_next_timer(&mut self) {
        let (timer, due_ms) =
            self.timers.iter().min_by_key(|(_, due)| **due).map(|(t, d)| (*t, *d)).expect("one");
        self.timers.remove(&timer);
        self.now_ms = self.now_ms.max(due_ms);
        self.feed(Event::TimerElapsed(timer));
    }

    pub(crate) fn height(&self) -> u64 {
        self.store.head_height().expect("reads")
    }

    pub(crate) fn block(&self, height: u64) -> Block {
        let bytes = self.store.block(height).expect("reads").expect("committed");
        Block::from_bytes(&bytes).expect("canonical")
    }
}

/// A node of a one-validator chain, started.
pub(crate) fn solo() -> (TempDir, Genesis, Node) {
    solo_on(genesis(1))
}

/// The node of a chain with one validator, started.
pub(crate) fn solo_on(genesis: Genesis) -> (TempDir, Genesis, Node) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = Node::boot(&genesis, &Key::new(1), folder.path(), MemoryStore::default());
    node.feed(Event::Started);
    (folder, genesis, node)
}

/// Connects each node with all others; a node's number is its place.
pub(crate) fn connect(nodes: &mut [Node], silent: &[usize]) {
    for at in 0..nodes.len() {
        for other in 0..nodes.len() {
            if at != other && !silent.contains(&at) && !silent.contains(&other) {
                connect_one(nodes, at, other);
            }
        }
    }
}

/// Lets one node hear that it is connected with another.
pub(crate) fn connect_one(nodes: &mut [Node], at: usize, other: usize) {
    let address = nodes[other].replica.report().address;
    nodes[at].feed(Event::PeerConnected { peer: PeerNumber(other as u64), address });
}

/// Delivers everything that nodes have sent to all others until nobody sends any more.
pub(crate) fn exchange(nodes: &mut [Node], silent: &[usize]) {
    loop {
        let mut sent = Vec::new();
        for (from, node) in nodes.iter_mut().enumerate() {
            let messages = std::mem::take(&mut node.outbox);
            if !silent.contains(&from) {
                sent.extend(messages.into_iter().map(|message| (from, message)));
            }
        }
        if sent.is_empty() {
            return;
        }
        for (from, message) in sent {
            deliver(nodes, silent, from, message);
        }
    }
}

/// Delivers one thing that a node sent.
pub(crate) fn deliver(nodes: &mut [Node], silent: &[usize], from: usize, message: Sent) {
    let peer = PeerNumber(from as u64);
    if let Sent::Ask { peer: asked, number, request } = message {
        let asked = usize::try_from(asked.0).expect("a place");
        let response = if silent.contains(&asked) { None } else { answer(&nodes[asked], &request) };
        let response = response.map(Box::new);
        nodes[from].feed(Event::Answered { request: number, response });
        return;
    }
    for to in (0..nodes.len()).filter(|to| *to != from && !silent.contains(to)) {
        let node = &mut nodes[to];
        if node.deaf_to.as_ref().is_some_and(|deaf_to| deaf_to(&message)) {
            continue;
        }
        node.ticket += 1;
        let ticket = node.ticket;
        node.feed(match &message {
            Sent::Broadcast(message) => {
                Event::Received { from: peer, delivery: Delivery(ticket), message: message.clone() }
            }
            Sent::Gossip(transaction) => {
                let transaction = Box::new(VerifiedTransaction::clone(transaction));
                Event::Submitted { ticket, transaction, origin: Origin::Peer }
            }
            Sent::Ask { .. } => unreachable!("it was answered above"),
        });
    }
}

/// What a node answers, or pretends to.
pub(crate) fn answer(node: &Node, request: &Request) -> Option<Response> {
    let response = serve::answer(&node.store, request).expect("reads");
    match &node.lie {
        Some(lie) => lie(request, response),
        None => Some(response),
    }
}

/// Fires each node's due timers, a little time later, and delivers what that led to.
pub(crate) fn pass_time(nodes: &mut [Node], silent: &[usize], milliseconds: u64) {
    let now_ms = nodes[0].now_ms + milliseconds;
    for (index, node) in nodes.iter_mut().enumerate() {
        node.now_ms = now_ms;
        if silent.contains(&index) {
            continue;
        }
        let due: Vec<Timer> =
            node.timers.iter().filter(|(_, due)| **due <= now_ms).map(|(t, _)| *t).collect();
        for timer in due {
            node.timers.remove(&timer);
            node.feed(Event::TimerElapsed(timer));
        }
    }
    exchange(nodes, silent);
}
