//! Evidence that waits survives a restart, comes into a block once, and is shown with its proof.

use std::path::Path;

use vouchsafe_keys::{PassphraseSource, SecretKey};
use vouchsafe_ledger::{Offence, RocksStore, StoreRead, StoreWrite};
use vouchsafe_proto::v1::{GetEvidenceRequest, GetNodeInfoRequest, SubmitAndWaitRequest};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, sha256};
use vouchsafe_types::verifier::Verifier;
use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

use crate::running::{Running, poll, printed, vouchsafed};
use crate::statements::{Author, genesis, notarize};

/// Two prevotes of the home's validator at a height.
fn equivocation(home: &Path, chain_id: &ChainId, height: u64) -> Evidence {
    let source = PassphraseSource::new("UNSET").without_terminal();
    let key = SecretKey::read(&home.join("keys/consensus"), &source).expect("an unencrypted key");
    let vote = |label: &[u8]| {
        let (kind, round, block_id) = (VoteKind::Prevote, 0, Some(BlockId(sha256(&[label]))));
        let address = key.public_key().address();
        let vote = Vote { version: Version, kind, height, round, block_id, address };
        SignedVote { signature: key.sign(&vote.preimage(chain_id)), vote }
    };
    Evidence::of_votes(vote(b"one"), vote(b"other"))
}

/// Evidence that this node kept before it was stopped.
fn keep(home: &Path, evidence: &Evidence) {
    let store = RocksStore::open(&home.join("data/db")).expect("nobody has it open");
    let offence = Offence { height: evidence.height(), id: evidence.id() };
    store.put_evidence(offence, &evidence.to_bytes()).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_waited_is_recorded_after_a_restart_and_shown_proven() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let node = Running::dev(&home, &[]);
    let author = Author::admin(&home, "dev");
    assert_eq!(node.stop().code(), Some(0));
    let expected = equivocation(&home, &author.chain_id, 1);
    keep(&home, &expected);

    let node = Running::dev(&home, &[]);
    let mut client = node.client().await;
    let transaction = author.state(notarize("a file"));
    let request = SubmitAndWaitRequest { transaction, wait_ms: 0 };
    client.submit_and_wait(request).await.expect("a receipt");
    let request = GetEvidenceRequest { from_height: 0, count: 0 };
    let answer = client.get_evidence(request).await.expect("evidence").into_inner();
    assert_eq!((answer.blocks.len(), answer.next_height), (1, 0));
    let block = &answer.blocks[0];
    let head = block.head.as_ref().expect("a head");
    let verifier = Verifier::new(author.chain_id, genesis(&home).validator_set().clone());
    let proven = verifier.header(&head.header, &head.certificate).expect("certified");
    assert_eq!(verifier.evidence(&proven, &block.evidence), Ok(vec![expected]));
    let height = proven.header().height;

    let later = GetEvidenceRequest { from_height: height + 1, count: 1 };
    let answer = client.get_evidence(later).await.expect("a page").into_inner();
    assert!(answer.blocks.is_empty() && answer.next_height == 0);
    let long = GetEvidenceRequest { from_height: 0, count: 101 };
    let error = client.get_evidence(long).await.expect_err("too long");
    assert!(error.message().starts_with("PageEntries"), "{error}");

    let info = client.get_node_info(GetNodeInfoRequest {}).await.expect("info").into_inner();
    assert_eq!(info.waiting_evidence, 0);
    poll("the count", || (node.metric("vouchsafe_recorded_evidence_total")? == 1.0).then_some(()));
    let text = printed(vouchsafed().args(["status", "--node", &node.grpc]));
    assert!(text.contains("Evidence      0 pieces wait"), "{text}");
    assert_eq!(node.stop().code(), Some(0));

    let store = RocksStore::open(&home.join("data/db")).expect("nobody has it open");
    assert_eq!(store.waiting_evidence().expect("readable"), Vec::<Vec<u8>>::new());
    assert_eq!(store.evidence_heights(0, 9).expect("readable"), [height]);
    drop(store);
    let report = printed(vouchsafed().arg("audit").arg("--home").arg(&home));
    assert!(report.contains("Audit passed"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_evidence_name_the_next_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let mut node = Running::dev(&home, &[]);
    let author = Author::admin(&home, "dev");
    for height in 1..=2 {
        assert_eq!(node.stop().code(), Some(0));
        keep(&home, &equivocation(&home, &author.chain_id, height));
        node = Running::dev(&home, &[]);
        let mut client = node.client().await;
        let transaction = author.state(notarize("a file"));
        let request = SubmitAndWaitRequest { transaction, wait_ms: 0 };
        client.submit_and_wait(request).await.expect("a receipt");
    }
    let mut client = node.client().await;
    let request = GetEvidenceRequest { from_height: 0, count: 1 };
    let first = client.get_evidence(request).await.expect("a page").into_inner();
    assert_eq!(first.blocks.len(), 1);
    let request = GetEvidenceRequest { from_height: first.next_height, count: 1 };
    let second = client.get_evidence(request).await.expect("a page").into_inner();
    assert_eq!((second.blocks.len(), second.next_height), (1, 0));
    assert_ne!(first.blocks, second.blocks);
}
