//! Answers, and that they prove what they say.

use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use vouchsafe_proto::v1::{
    GetBlockRequest, GetGenesisRequest, GetLogRequest, GetNodeInfoRequest, GetStatusRequest,
    GetTransactionRequest, GetValidatorsRequest, StreamBlocksRequest, StreamStatusRequest,
    SubmitAndWaitRequest, SubmitRequest,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::header::Block;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::{AssetRecord, Event, SignerRecord, StateName};
use vouchsafe_types::status::Status;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::verifier::{Verifier, complete_log};

use crate::running::Running;
use crate::statements::{Author, asset, genesis, notarize};

fn node() -> (tempfile::TempDir, Running, Author, Verifier) {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    let author = Author::admin(&node.home, "dev");
    let verifier = Verifier::new(author.chain_id, genesis(&node.home).validator_set().clone());
    (folder, node, author, verifier)
}

fn wire(name: &StateName) -> Vec<u8> {
    borsh::to_vec(name).expect("memory")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_proves_the_transaction() {
    let (_folder, node, author, verifier) = node();
    let mut client = node.client().await;
    let transaction = author.state(notarize("a file"));
    let request = SubmitAndWaitRequest { transaction: transaction.clone(), wait_ms: 10_000 };
    let receipt = client.submit_and_wait(request).await.expect("a receipt").into_inner();
    let head = receipt.head.clone().expect("a head");
    let proven = verifier.header(&head.header, &head.certificate).expect("certified");
    let (proven, _) = proven.transaction(&transaction, &receipt.inclusion_proof).expect("included");
    assert_eq!(proven.id().as_bytes().as_slice(), receipt.transaction_id);
    let request = GetTransactionRequest { transaction_id: receipt.transaction_id.clone() };
    let found = client.get_transaction(request).await.expect("known").into_inner();
    assert_eq!(found.transaction, transaction);
    assert_eq!(found.receipt, Some(receipt));
    let unknown = GetTransactionRequest { transaction_id: vec![7; 32] };
    assert_eq!(client.get_transaction(unknown).await.expect_err("none").code(), Code::NotFound);
    let short = GetTransactionRequest { transaction_id: vec![7; 31] };
    let error = client.get_transaction(short).await.expect_err("short");
    assert_eq!(error.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_present_and_absent_are_proven_with_their_logs() {
    let (_folder, node, author, verifier) = node();
    let mut client = node.client().await;
    for _ in 0..3 {
        let transaction = author.state(notarize("a file"));
        let request = SubmitAndWaitRequest { transaction, wait_ms: 0 };
        client.submit_and_wait(request).await.expect("a receipt");
    }
    let names = vec![
        StateName::Asset(asset("a file").key()),
        StateName::Asset(asset("another file").key()),
        StateName::Signer(author.key.public_key()),
        StateName::Organization(OrganizationId::new("dev").expect("an id")),
    ];
    let request = GetStatusRequest { names: names.iter().map(wire).collect() };
    let answer = client.get_status(request).await.expect("an answer").into_inner();
    let head = answer.head.expect("a head");
    let records: Vec<_> = answer.records.into_iter().map(|record| record.record).collect();
    let proven = verifier.header(&head.header, &head.certificate).expect("certified");
    proven.state(&names, &records, &answer.proof).expect("proven");
    assert_eq!(records.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, true]);

    let record = AssetRecord::from_bytes(records[0].as_deref().expect("there")).expect("canonical");
    assert_eq!(record.organizations[0].status, Status::Trusted);
    let request = GetLogRequest { name: wire(&names[0]), from: 0, count: 0 };
    let log = client.get_log(request).await.expect("a log").into_inner();
    let events: Vec<Event> = complete_log(&record.events, "event", &log.entries).expect("all");
    assert_eq!(events.len(), 3);
    let page = GetLogRequest { name: wire(&names[0]), from: 1, count: 1 };
    let page = client.get_log(page).await.expect("a page").into_inner();
    assert_eq!((page.entries, page.total), (log.entries[1..2].to_vec(), 3));

    let signer =
        SignerRecord::from_bytes(records[2].as_deref().expect("there")).expect("canonical");
    assert_eq!(signer.activity.count, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_refused_by_name() {
    let (_folder, node, _author, _) = node();
    let mut client = node.client().await;
    let names = |names: Vec<Vec<u8>>| GetStatusRequest { names };
    let one = wire(&StateName::Validators);
    let mut trailing = one.clone();
    trailing.push(0);
    for (request, rule) in [
        (names(vec![]), "NameCount"),
        (names(vec![one.clone(); 1025]), "NameCount"),
        (names(vec![one.clone(); 2]), "Names"),
        (names(vec![trailing]), "TrailingBytes"),
        (names(vec![vec![250]]), "Malformed"),
        (names(vec![vec![1; 65]]), "TooLong"),
    ] {
        let error = client.get_status(request).await.expect_err(rule);
        assert_eq!(error.code(), Code::InvalidArgument);
        let named = error.metadata().get("vouchsafe-rule").expect("a rule").to_str().expect("text");
        assert_eq!(named, rule, "{error}");
    }
    let page = GetLogRequest { name: one.clone(), from: 0, count: 1001 };
    assert!(client.get_log(page).await.expect_err("long").message().starts_with("PageEntries"));
    let no_log = GetLogRequest { name: one, from: 0, count: 1 };
    assert!(client.get_log(no_log).await.expect_err("none").message().starts_with("NoLog"));
    let high = GetBlockRequest { height: u64::MAX, with_body: false };
    assert_eq!(client.get_block(high).await.expect_err("none").code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_validators_genesis_and_info_agree() {
    let (_folder, node, author, verifier) = node();
    let mut client = node.client().await;
    let request = GetBlockRequest { height: 1, with_body: true };
    let answer = client.get_block(request).await.expect("block 1").into_inner();
    let head = answer.head.expect("a head");
    let proven = verifier.header(&head.header, &head.certificate).expect("certified");
    let block = Block::from_bytes(&answer.block).expect("canonical");
    assert_eq!(block.header.block_id(), proven.block_id());
    let newest = GetBlockRequest { height: 0, with_body: false };
    assert!(client.get_block(newest).await.expect("the newest").into_inner().block.is_empty());

    let answer = client.get_validators(GetValidatorsRequest {}).await.expect("a set").into_inner();
    let set = ValidatorSet::from_bytes(&answer.validators).expect("canonical");
    assert_eq!(set.hash(), block.header.validators);

    let answer = client.get_genesis(GetGenesisRequest {}).await.expect("a document").into_inner();
    assert_eq!(answer.document, std::fs::read(node.home.join("genesis.json")).expect("a file"));

    let info = client.get_node_info(GetNodeInfoRequest {}).await.expect("info").into_inner();
    assert_eq!(info.chain_id, author.chain_id.as_bytes());
    assert!(info.votes && info.height >= 1 && set.get(&proven.header().proposer).is_some());
    assert_eq!(info.address, proven.header().proposer.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_gives_every_block_old_and_new() {
    let (_folder, node, author, verifier) = node();
    let mut client = node.client().await;
    let request = StreamBlocksRequest { from_height: 1, with_body: false };
    let mut stream = client.stream_blocks(request).await.expect("a stream").into_inner();
    for expected in 1..=6u64 {
        let transaction = author.state(notarize("a file"));
        client.submit(SubmitRequest { transaction }).await.expect("taken");
        let block = stream.next().await.expect("open").expect("a block");
        let head = block.head.expect("a head");
        let proven = verifier.header(&head.header, &head.certificate).expect("certified");
        assert_eq!(proven.header().height, expected);
    }
    node.signal("TERM");
    let end = loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(status)) => break status,
            None => panic!("the stream ended without a word"),
        }
    };
    assert_eq!(end.code(), Code::Unavailable);
    assert!(end.message().contains("stopping"), "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_records_proves_each_change_and_that_there_is_none() {
    let (_folder, node, author, verifier) = node();
    let (mut client, mut other) = (node.client().await, node.client().await);
    let names = [asset("a file"), asset("another")].map(|asset| StateName::Asset(asset.key()));
    let request = StreamStatusRequest { names: names.iter().map(wire).collect() };
    // Only what stands in a block can be proven: the stream waits for the first.
    let mut stream = client.stream_status(request).await.expect("a stream").into_inner();
    let mut next = async || {
        let answer = stream.next().await.expect("open").expect("records");
        let head = answer.head.expect("a head");
        let records: Vec<_> = answer.records.into_iter().map(|record| record.record).collect();
        let proven = verifier.header(&head.header, &head.certificate).expect("certified");
        proven.state(&names, &records, &answer.proof).expect("proven");
        let count = |record: Option<Vec<u8>>| {
            record
                .map_or(0, |bytes| AssetRecord::from_bytes(&bytes).expect("canonical").events.count)
        };
        (proven.header().height, records.into_iter().map(count).collect::<Vec<_>>())
    };
    let mut say = async |label: &str| {
        let request =
            SubmitAndWaitRequest { transaction: author.state(notarize(label)), wait_ms: 0 };
        other.submit_and_wait(request).await.expect("a receipt");
    };
    say("something else").await;
    assert_eq!(next().await.1, [0, 0]);
    say("a file").await;
    assert_eq!(next().await.1, [1, 0]);
    say("something else").await;
    say("another").await;
    let (height, counts) = next().await;
    assert_eq!(counts, [1, 1]);
    // Nothing happens, and that is told.
    let (still, counts) = next().await;
    assert_eq!((still >= height, counts), (true, vec![1, 1]));
    for (count, rule) in [(0, "NameCount"), (65, "NameCount")] {
        let request = StreamStatusRequest { names: vec![wire(&names[0]); count] };
        let error = client.stream_status(request).await.map(drop).expect_err("refused");
        let named = error.metadata().get("vouchsafe-rule").expect("a rule");
        assert_eq!(named, rule, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_reflection_answer() {
    let (_folder, mut node, _author, _) = node();
    let mut health = HealthClient::new(node.channel().await);
    for service in ["", "vouchsafe.v1.Vouchsafe"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await.expect("known").into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving);
    }
    let mut reflection = ServerReflectionClient::new(node.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answer = reflection.server_reflection_info(tokio_stream::once(request)).await;
    let answer =
        answer.expect("a stream").into_inner().next().await.expect("one").expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("not a list of services");
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    assert!(names.contains(&"vouchsafe.v1.Vouchsafe".to_owned()), "{names:?}");

    // A call that never ends is waited for, unless a second signal says otherwise.
    let request = HealthCheckRequest { service: String::new() };
    let mut watch = health.watch(request).await.expect("a stream").into_inner();
    assert_eq!(
        watch.next().await.expect("one").expect("a status").status(),
        ServingStatus::Serving
    );
    node.signal("TERM");
    let after = watch.next().await.expect("one").expect("a status");
    assert_eq!(after.status(), ServingStatus::NotServing);
    node.signal("TERM");
    assert_eq!(node.wait().code(), Some(1));
}
