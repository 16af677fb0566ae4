//! Evidence, as several nodes show it.

use serde_json::Value;
use vouchsafe_proto::v1::{EvidenceBlock, GetEvidenceResponse};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::Header;
use vouchsafe_types::log;

use crate::chain_fixture as chain;
use crate::committee::{Answer, Reader, stands, trusted};
use crate::server::{Node, Script};

/// A certified block that holds evidence against a validator.
fn block(height: u64, validator: u8) -> EvidenceBlock {
    let evidence = vec![chain::equivocation(validator, height - 1).to_bytes()];
    let leaves: Vec<_> = evidence.iter().map(|piece| log::leaf_hash(piece)).collect();
    let header = chain::header(height, Digest::ZERO, &[]);
    let header = Header { evidence_root: log::root(&leaves), ..header };
    EvidenceBlock { head: Some(chain::certified(&header)), evidence }
}

/// A node that shows these blocks beside its newest one.
fn showing(newest: &Answer, blocks: Vec<EvidenceBlock>) -> Node {
    let status = Some(newest.certified());
    let evidence = GetEvidenceResponse { blocks, next_height: 0 };
    Node::new(Script { status, evidence, ..Script::default() })
}

fn shown(result: &Value) -> Vec<(u64, u64)> {
    let offences = result["offences"].as_array().expect("a list").iter();
    let number = |value: &Value| value.as_u64().expect("a number");
    offences.map(|one| (number(&one["block_height"]), number(&one["height"]))).collect()
}

#[test]
fn what_any_node_proves_is_shown() {
    let newest = Answer::now(9, trusted());
    let first = showing(&newest, vec![block(3, 0)]);
    let second = showing(&newest, vec![block(3, 0), block(5, 1)]);
    let (reader, hiding) = (Reader::new(), showing(&newest, vec![]));
    let nodes = [hiding.url(), first.url(), second.url()];
    let ran = reader.asking(&nodes).json(&["evidence"]).ends(0);
    let result = ran.json()["results"][0].clone();
    assert_eq!(shown(&result), [(3, 2), (5, 4)]);
    assert_eq!(result["offence_count"], 2);
    let offence = &result["offences"][0];
    let accused = chain::consensus_key(0).public_key().address();
    assert_eq!(offence["validator"], accused.to_string());
    assert_eq!(offence["organization"], "acme");
    assert_eq!(offence["kind"], "prevotes");
    let text = reader.asking(&nodes).run(&["evidence"]).ends(0).stdout;
    assert!(text.contains("of 2 offences"), "{text}");
    assert!(text.contains("signed two prevotes at height 2, round 0"), "{text}");
}

#[test]
fn false_evidence_is_a_lie_and_another_nodes_answer_is_used() {
    let mut forged = block(5, 1);
    forged.evidence = vec![chain::equivocation(2, 4).to_bytes()];
    let newest = Answer::now(9, trusted());
    let (liar, honest) = (showing(&newest, vec![forged]), showing(&newest, vec![block(3, 0)]));
    let reader = Reader::new();
    let ran = reader.asking(&[liar.url(), honest.url()]).json(&["evidence"]).ends(0);
    assert_eq!(shown(&ran.json()["results"][0]), [(3, 2)]);
    assert!(stands(&ran, liar.url(), "lied").contains("not those of block 5"), "{ran:?}");
    Reader::new().asking(&[liar.url()]).run(&["evidence"]).ends(20);
}
