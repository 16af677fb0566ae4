//! A chain of four validators, one file, and answers about it as its nodes could give them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use vouchsafe_keys::Protection;
use vouchsafe_proto::v1::{GetStatusResponse, ProvenHeader, Receipt};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::Header;
use vouchsafe_types::proof::{AssetSubject, Magic, Proof, Subject};
use vouchsafe_types::record::AssetRecord;
use vouchsafe_types::set_change::SetChanges;
use vouchsafe_types::state_tree::StateProof;
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::{RevocationReason, SignedTransaction};

use crate::chain_fixture as chain;
use crate::harness::{Ran, Vouch, text};
use crate::server::Node;

/// What the file holds.
const CONTENT: &[u8] = b"x";

/// This machine's time.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("fits")
}

/// `acme` trusts the file.
pub(crate) fn trusted() -> AssetRecord {
    chain::trusted_record()
}

/// `acme` says that it does harm.
pub(crate) fn untrusted() -> AssetRecord {
    chain::record_of(Status::Untrusted, Some(RevocationReason::Compromised))
}

/// A certified answer about the file.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) header: Header,
    record: AssetRecord,
}

impl Answer {
    /// At a height, with a header of a time.
    pub(crate) fn at(height: u64, time_ms: u64, record: AssetRecord) -> Self {
        let root = chain::state_root(chain::asset(CONTENT).key(), &record.to_bytes());
        let header = Header { time_ms, ..chain::header(height, root, &[]) };
        Self { header, record }
    }

    /// At a height, now.
    pub(crate) fn now(height: u64, record: AssetRecord) -> Self {
        Self::at(height, now_ms(), record)
    }

    /// On a parent.
    pub(crate) fn on(mut self, parent: BlockId) -> Self {
        self.header.parent = parent;
        self
    }

    /// Certified by three of four.
    pub(crate) fn certified(&self) -> GetStatusResponse {
        self.with(chain::certified(&self.header))
    }

    /// With a certificate of any kind.
    pub(crate) fn with(&self, head: ProvenHeader) -> GetStatusResponse {
        let key = chain::asset(CONTENT).key();
        let answer = chain::status_answer(key, &self.record.to_bytes());
        GetStatusResponse { head: Some(head), ..answer }
    }

    /// As a proof file.
    pub(crate) fn proof_file(&self) -> Vec<u8> {
        let GetStatusResponse { head, proof, .. } = self.certified();
        let certificate = head.expect("certified").certificate;
        let proof = Proof {
            magic: Magic,
            version: Version,
            chain_id: self.header.chain_id,
            changes: SetChanges::new(Vec::new()).expect("none"),
            header: self.header.clone(),
            certificate: CommitCertificate::from_bytes(&certificate).expect("made here"),
            older: None,
            subject: Subject::Asset(AssetSubject {
                key: chain::asset(CONTENT).key(),
                record: Some(self.record.clone()),
                state_proof: StateProof::from_bytes(&proof).expect("made here"),
                events: None,
            }),
        };
        proof.to_bytes()
    }

    /// A node that gives it.
    pub(crate) fn node(&self) -> Node {
        Node::answering(self.certified())
    }
}

/// The receipt of a transaction, in a block of its own.
pub(crate) fn receipt(transaction: &[u8]) -> Receipt {
    chain::receipt(&SignedTransaction::from_bytes(transaction).expect("vouch sends what decodes"))
}

/// A client that has pinned the chain, and the file.
pub(crate) struct Reader {
    folder: tempfile::TempDir,
    pub(crate) vouch: Vouch,
    pub(crate) file: String,
}

impl Reader {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let vouch = Vouch::new(folder.path());
        let genesis = folder.path().join("genesis.json");
        std::fs::write(&genesis, chain::genesis("fixture").to_pretty_json()).expect("writes");
        vouch.run(&["init", "-y", "--genesis", &text(&genesis)]).ends(0);
        let key = folder.path().join("key");
        chain::signer_key().write(&key, Protection::Unencrypted, "").expect("writes");
        let file = folder.path().join("x");
        std::fs::write(&file, CONTENT).expect("writes");
        Self { vouch, file: text(&file), folder }
    }

    /// A path in the reader's folder.
    pub(crate) fn path(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    /// The client, asking these nodes.
    pub(crate) fn asking(&self, nodes: &[&str]) -> Vouch {
        self.vouch.asking(&nodes.join(","))
    }

    /// Verifies the file.
    pub(crate) fn verify(&self, nodes: &[&str]) -> Ran {
        self.asking(nodes).json(&["verify", &self.file])
    }
}

/// How a node stood, by the JSON document.
pub(crate) fn standing(ran: &Ran, node: &str) -> Value {
    let json = ran.json();
    let nodes = json["nodes"].as_array().expect("a list").clone();
    let of = |facts: &Value| facts["node"] == node;
    nodes.into_iter().find(of).unwrap_or_else(|| panic!("{node} is not named: {ran:?}"))
}

/// Holds a node to its standing, and returns what is said of it.
#[track_caller]
pub(crate) fn stands(ran: &Ran, node: &str, expected: &str) -> String {
    let facts = standing(ran, node);
    assert_eq!(facts["standing"], expected, "{node}: {ran:?}");
    facts["message"].as_str().unwrap_or_default().to_owned()
}
