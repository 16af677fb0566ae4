//! Schema `vouch/1`: the fields that docs/CLI.md lists, no fewer and, until it says so, no more.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Scene, Vouch};

/// Runs a command and holds its first result to its fields.
fn result(vouch: &Vouch, arguments: &[&str], code: i32, fields: &str) -> Value {
    let json = vouch.json(arguments).ends(code).json();
    holds(&json, "schema command exit_code outcome results error nodes");
    for node in json["nodes"].as_array().expect("a list") {
        holds(node, "node standing height block_id time_ms time message");
    }
    let entry = json["results"][0].clone();
    holds(&entry, fields);
    entry
}

fn holds(value: &Value, fields: &str) {
    let actual: BTreeSet<&str> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(actual, fields.split_whitespace().collect(), "{value}");
}

const STATEMENT: &str = "organization status reason since_height since_time_ms since_time signer \
    transaction_id operation_index event_index";
const PROOF: &str = "height block_id time_ms time age_ms ahead_ms";
const ASSET: &str = "name digest scheme size_bytes attributes";

#[test]
fn every_result_has_exactly_the_documented_fields() {
    let scene = Scene::new();
    let vouch = &scene.vouch;
    let file = scene.file("f", b"f");
    let act = "input name digest scheme size_bytes status receipt proof_file error";
    let signed = result(vouch, &["sign", &file, "-a", "k=v"], 0, act);
    holds(
        &signed["receipt"],
        "transaction_id signer organization height block_id transaction_index time_ms time",
    );
    result(vouch, &["revoke", "--reason", "deprecated", &file], 0, act);
    let verify = "input digest scheme size_bytes status exit_code outcome required relied_on \
        distrusted_by_others organizations proof proof_file at error";
    let verified = result(vouch, &["verify", &file], 12, verify);
    holds(&verified["relied_on"][0], STATEMENT);
    holds(&verified["organizations"][0], STATEMENT);
    holds(&verified["proof"], PROOF);
    let proof = "input digest transaction_id status proof_file proof_bytes events proof error";
    let proven = result(vouch, &["proof", &file], 0, proof);
    holds(&proven["proof"], PROOF);
    result(vouch, &["verify", "--offline", "--at", "1", &file], 21, verify);
    let failed = result(vouch, &["verify", "/none"], 21, verify);
    holds(&failed["error"], "code exit_code rule message fork");
    let inspect = "input digest scheme size_bytes status exit_code outcome organizations \
        event_count events proof";
    let inspected = result(vouch, &["inspect", &file], 12, inspect);
    let event = "index organization signer role status reason height time_ms time transaction_id \
        operation_index asset";
    holds(&inspected["events"][0], event);
    holds(&inspected["events"][0]["asset"], ASSET);
    let id = signed["receipt"]["transaction_id"].as_str().expect("an id");
    let folder = scene.folder.path().join("sig").display().to_string();
    let sshsig = "transaction_id signer height block_id signature_file message_file \
        allowed_signers_file command";
    result(vouch, &["inspect", "--sshsig", &folder, id], 0, sshsig);
    let listed = "subject id organization operation_count operations proof";
    let listed = result(vouch, &["list"], 0, listed);
    let operation = "index operation reason status signer height time_ms time transaction_id \
        operation_index asset_count assets";
    holds(&listed["operations"][0], operation);
    holds(&listed["operations"][0]["assets"][0], ASSET);
}

#[test]
fn results_without_a_ledger_have_exactly_the_documented_fields() {
    let scene = Scene::new();
    let vouch = &scene.vouch;
    let node = "node exit_code outcome proof lag_blocks reported error";
    let status = result(vouch, &["status"], 0, node);
    let reported = "version chain_name chain_id height round peers votes address \
        mempool_transactions mempool_bytes reachable_power total_power target_height \
        waiting_evidence";
    holds(&status["reported"], reported);
    let evidence = "since_height offence_count offences proof";
    let evidence = result(vouch, &["evidence", "--since", "1"], 0, evidence);
    holds(&evidence["proof"], PROOF);
    let checkpoint = "chain_id size root signers file note continues";
    result(vouch, &["checkpoint"], 0, checkpoint);
    let genesis = scene.node.genesis().display().to_string();
    let init = "chain_name chain_id genesis_time_ms genesis_time organizations source home pinned";
    let init = result(vouch, &["init", "-y", "--genesis", &genesis], 0, init);
    holds(&init["organizations"][0], "id name signers validators");
    let key = "fingerprint public_key source comment encrypted organization role";
    result(vouch, &["key", "show"], 0, key);
    result(vouch, &["version"], 0, "version schema api");
}
