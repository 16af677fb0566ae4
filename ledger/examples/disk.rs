//! What a node's database takes: bytes on disk against the bytes that were signed, writes and
//! processor time a transaction. docs/PERFORMANCE.md has its results.
//!
//! ```text
//! disk TRANSACTIONS ASSETS [NAME_BYTES]
//!
//! transactions ─▶ Ledger::build ─▶ put_body ─▶ commit ─▶ … ─▶ compact ─▶ every file of the folder
//!                                  └── timed: this thread, and all of the process ──┘
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry, peer_id_of,
};
use vouchsafe_ledger::{BuildInput, Ledger, RocksStore, StoreRead as _, StoreWrite as _};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::{ChainId, Digest, sha256};
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, SignedTransaction, Transaction,
    VerifiedTransaction, signing_data,
};
use vouchsafe_types::vote::{Vote, VoteKind};

/// Transactions in a block, unless their assets are too many.
const BLOCK_TRANSACTIONS: usize = 500;
/// Assets in a block, at most.
const BLOCK_ASSETS: usize = 10_000;
/// Records read at random in the end.
const READ_RECORDS: usize = 20_000;
const SIGNERS: u8 = 8;
const VALIDATOR: u8 = 101;
const BEGIN_MS: u64 = 1_700_000_000_000;

type Failure = Box<dyn Error>;

fn key(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey(VerificationKeyBytes::from(&key(seed)).into())
}

/// One organization with eight signers, and one validator.
fn founded() -> Result<Genesis, Failure> {
    let id = OrganizationId::new("acme")?;
    let signer = |seed| Signer { public_key: public(seed), role: Role::Signer, not_after_ms: None };
    let organization = Organization {
        id: id.clone(),
        name: "The acme company".into(),
        admin_keys: vec![public(50)],
        admin_threshold: 1,
        signers: (1..=SIGNERS).map(signer).collect(),
    };
    let validator = ValidatorEntry {
        organization: id,
        consensus_key: public(VALIDATOR),
        peer_id: peer_id_of(&public(201)).ok_or("not an Ed25519 key")?,
        power: 1,
        addresses: Vec::new(),
    };
    let member = Member::new(organization, vec![validator], Vec::new())?;
    Ok(Genesis::assemble("disk", BEGIN_MS, Parameters::default(), vec![member])?)
}

fn asset(number: u64, name_bytes: usize) -> Result<Asset, Failure> {
    let name = format!("{number:0name_bytes$}");
    let name = if name_bytes == 0 { String::new() } else { name };
    Ok(Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[b"asset", &number.to_le_bytes()]),
        size_bytes: 1,
        name: DisplayName::new(name)?,
        attributes: Attributes::default(),
    })
}

/// A new statement about new assets, by the signers in turn.
fn statement(
    chain_id: &ChainId,
    number: u64,
    assets: Vec<Asset>,
    now_ms: u64,
) -> Result<VerifiedTransaction, Failure> {
    let seed = u8::try_from(number % u64::from(SIGNERS))? + 1;
    let random = sha256(&[b"nonce", &number.to_le_bytes()]);
    let nonce = random.0[..16].try_into()?;
    let operations = Operations::new(vec![Operation::Notarize { assets: Assets::new(assets)? }])?;
    // Whoever signs does so at a time of their own, within the last second.
    let expiry_ms = now_ms + 600_000 - u64::from(random.0[16]) * 4;
    let body = Body { version: Version, operations, nonce, expiry_ms }.to_bytes();
    let signature = Signature(key(seed).sign(&signing_data(chain_id, &body)).into());
    let body = BodyBytes::new(body)?;
    let signed = SignedTransaction { version: Version, body, public_key: public(seed), signature };
    Ok(Transaction::from_signed(chain_id, signed)?.verify(chain_id)?)
}

fn certificate(
    chain_id: &ChainId,
    height: u64,
    block_id: vouchsafe_types::hash::BlockId,
) -> Result<CommitCertificate, Failure> {
    let address = public(VALIDATOR).address();
    let (kind, block) = (VoteKind::Precommit, Some(block_id));
    let vote = Vote { version: Version, kind, height, round: 0, block_id: block, address };
    let signature = Signature(key(VALIDATOR).sign(&vote.preimage(chain_id)).into());
    let signatures = CommitSignatures::new(vec![CommitSignature { address, signature }])?;
    Ok(CommitCertificate { version: Version, height, round: 0, block_id, signatures })
}

/// Nanoseconds that this thread was on a processor.
fn thread_nanoseconds() -> Result<u64, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().ok_or("no time")?.parse()?)
}

/// Hundredths of a second that all threads were on a processor, the database's own too.
fn process_ticks() -> Result<u64, Failure> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit(')').next().ok_or("no fields")?.split_whitespace();
    let times: Result<Vec<u64>, _> = fields.skip(11).take(2).map(str::parse).collect();
    Ok(times?.iter().sum())
}

/// Bytes of every file in a folder.
fn folder_bytes(path: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        let metadata = entry?.metadata()?;
        bytes += if metadata.is_dir() { 0 } else { metadata.len() };
    }
    Ok(bytes)
}

/// What was written, and what it took.
#[derive(Default)]
struct Totals {
    transactions: usize,
    assets: u64,
    blocks: u64,
    signed_bytes: u64,
    /// This thread's in `put_body` and `commit`.
    store_nanoseconds: u64,
    /// This thread's in `build`.
    build_nanoseconds: u64,
}

impl Totals {
    /// Builds and commits one block.
    fn append(
        &mut self,
        ledger: &mut Ledger<RocksStore>,
        store: &RocksStore,
        statements: &[VerifiedTransaction],
    ) -> Result<(), Failure> {
        let (chain_id, proposer) = (*ledger.chain_id(), public(VALIDATOR).address());
        let now_ms = ledger.head().time_ms + 1_000;
        let input = BuildInput { round: 0, now_ms, proposer, evidence: Vec::new() };
        let began = thread_nanoseconds()?;
        let built = ledger.build(input, statements)?;
        self.build_nanoseconds += thread_nanoseconds()? - began;
        if built.block.transactions.len() != statements.len() {
            return Err("the block has no room for them".into());
        }
        let (height, block_id) = (built.executed.height(), built.executed.block_id());
        let certificate = certificate(&chain_id, height, block_id)?;
        let body = built.block.to_bytes();
        let began = thread_nanoseconds()?;
        store.put_body(height, &block_id, &body)?;
        ledger.commit(built.executed, certificate)?;
        self.store_nanoseconds += thread_nanoseconds()? - began;
        self.transactions += statements.len();
        self.blocks += 1;
        let signed_bytes: usize = statements.iter().map(|statement| statement.bytes().len()).sum();
        self.signed_bytes += u64::try_from(signed_bytes)?;
        Ok(())
    }

    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52, for people to read")]
    fn print(&self, path: &Path, store: &RocksStore, heading: &str) -> Result<(), Failure> {
        let signed = self.signed_bytes as f64;
        println!("{heading}");
        for (family, bytes) in store.family_bytes()? {
            let share = bytes as f64 / signed;
            let each = bytes as f64 / self.assets as f64;
            println!("  {family:20} {bytes:>12} {share:>7.3} {each:>8.1} an asset");
        }
        let bytes = folder_bytes(path)?;
        println!("  {:20} {bytes:>12} {:>7.3}", "every file", bytes as f64 / signed);
        Ok(())
    }
}

fn argument(number: usize, default: Option<usize>) -> Result<usize, Failure> {
    match (std::env::args().nth(number), default) {
        (Some(text), _) => Ok(text.parse()?),
        (None, Some(value)) => Ok(value),
        (None, None) => Err("usage: disk TRANSACTIONS ASSETS [NAME_BYTES]".into()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52, for people to read")]
fn main() -> Result<(), Failure> {
    let (count, assets) = (argument(1, None)?, argument(2, None)?.max(1));
    let name_bytes = argument(3, Some(0))?;
    let folder = tempfile::tempdir()?;
    let genesis = founded()?;
    let store = RocksStore::open(folder.path())?;
    let mut ledger = Ledger::open(&genesis, store.clone())?;
    let mut totals = Totals::default();
    let mut ticks = 0;
    while totals.transactions < count {
        let now_ms = ledger.head().time_ms + 1_000;
        let block = BLOCK_TRANSACTIONS.min((BLOCK_ASSETS / assets).max(1));
        let mut statements = Vec::new();
        for _ in 0..block.min(count - totals.transactions) {
            let numbers = totals.assets..totals.assets + u64::try_from(assets)?;
            totals.assets = numbers.end;
            let number = numbers.start;
            let list = numbers.map(|number| asset(number, name_bytes)).collect::<Result<_, _>>()?;
            statements.push(statement(&genesis.chain_id(), number, list, now_ms)?);
        }
        let began = process_ticks()?;
        totals.append(&mut ledger, &store, &statements)?;
        ticks += process_ticks()? - began;
    }
    let transactions = totals.transactions as f64;
    println!("{count} transactions of {assets} assets in {} blocks", totals.blocks);
    println!("signed                 {:>12} bytes", totals.signed_bytes);
    let written = store.statistics()?.entries_written;
    println!("memtable inserts       {:>12.2} a transaction", written as f64 / transactions);
    let microseconds = |nanoseconds: u64| nanoseconds as f64 / 1_000.0 / transactions;
    let (build, stored) = (totals.build_nanoseconds, totals.store_nanoseconds);
    println!("build                  {:>12.2} µs a transaction", microseconds(build));
    println!("put_body and commit    {:>12.2} µs a transaction", microseconds(stored));
    println!("all threads            {:>12.2} µs a transaction", ticks as f64 * 1e4 / transactions);
    totals.print(folder.path(), &store, "before compaction")?;
    store.compact()?;
    totals.print(folder.path(), &store, "compacted")?;
    let root: Digest = ledger.head().state_root;
    drop((ledger, store));
    let began = thread_nanoseconds()?;
    let store = RocksStore::open(folder.path())?;
    let ledger = Ledger::open(&genesis, store)?;
    let opened = (thread_nanoseconds()? - began) as f64 / totals.assets as f64;
    println!("opened again in        {opened:>12.0} ns an asset");
    assert_eq!(ledger.head().state_root, root, "what is opened is what was committed");
    let mut leaves = ledger.store().leaves()?.collect::<Result<Vec<_>, _>>()?;
    // By hash: in no order that a block or a file has.
    leaves.sort_by_key(|leaf| leaf.value_hash);
    leaves.truncate(READ_RECORDS);
    let began = thread_nanoseconds()?;
    for leaf in &leaves {
        ledger.store().record(leaf)?.ok_or("a leaf without its record")?;
    }
    let read = (thread_nanoseconds()? - began) as f64 / 1_000.0 / leaves.len() as f64;
    println!("a record is read in    {read:>12.2} µs");
    Ok(())
}
