//! What goes over the API: messages in protobuf, names in requests, a node's answer to `vouch`.

use borsh::BorshDeserialize as _;
use prost::Message;
use vouchsafe_client::node_url::NodeUrl;
use vouchsafe_client::proven;
use vouchsafe_ledger::Answer as LedgerAnswer;
use vouchsafe_proto::v1;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::StateName;
use vouchsafe_types::verifier::Verifier;

use crate::fuzz::chain::Chain;
use crate::fuzz::target::{Answer, Prepared, Target, must};

/// The API.
pub(super) const TARGETS: [Target; 5] = [
    Target {
        name: "api-requests",
        property: "a request that is read is the same when it is written and read again",
        everyday_inputs: 4_000,
        prepare: requests,
    },
    Target {
        name: "api-answers",
        property: "an answer that is read is the same when it is written and read again",
        everyday_inputs: 4_000,
        prepare: answers,
    },
    Target {
        name: "status-answer",
        property: "what vouch takes from a node's answer about two files is what the chain holds",
        everyday_inputs: 1_500,
        prepare: status_answer,
    },
    Target {
        name: "state-name",
        property: "a name that is read has one encoding",
        everyday_inputs: 4_000,
        prepare: state_name,
    },
    Target {
        name: "node-url",
        property: "a node's address that is read is the same when it is printed and read again",
        everyday_inputs: 4_000,
        prepare: node_url,
    },
];

/// Reads, writes and reads again; the words say how much was in it.
fn again<T: Message + Default + PartialEq>(name: &str, input: &[u8]) -> Result<String, String> {
    let Ok(message) = T::decode(input) else { return Ok(String::new()) };
    let written = message.encode_to_vec();
    must(T::decode(written.as_slice()).as_ref() == Ok(&message), "written, it is another")?;
    Ok(format!("{name} {} ", "x".repeat((usize::BITS - written.len().leading_zeros()) as usize)))
}

/// Is read as one of these, by none of them or by several: the transport says which is meant.
fn verdict(read: &str) -> Answer {
    if read.is_empty() { Answer::Refused(String::new()) } else { Answer::Read(read.to_owned()) }
}

fn requests() -> Prepared {
    let seeds = vec![
        v1::SubmitAndWaitRequest { transaction: vec![7; 90], wait_ms: 30_000 }.encode_to_vec(),
        v1::GetStatusRequest { names: vec![vec![1; 37], vec![2; 9]] }.encode_to_vec(),
        v1::GetTransactionRequest { transaction_id: vec![9; 32] }.encode_to_vec(),
    ];
    Prepared {
        seeds,
        words: vec![vec![0xff; 10], vec![0x0a], vec![0x12]],
        check: Box::new(|input| {
            let read = [
                again::<v1::SubmitAndWaitRequest>("submit", input)?,
                again::<v1::GetStatusRequest>("status", input)?,
                again::<v1::GetTransactionRequest>("transaction", input)?,
                again::<v1::GetLogRequest>("log", input)?,
                again::<v1::GetBlockRequest>("block", input)?,
                again::<v1::StreamBlocksRequest>("stream", input)?,
                again::<v1::StreamStatusRequest>("records", input)?,
            ];
            Ok(verdict(&read.concat()))
        }),
    }
}

fn answers() -> Prepared {
    let head = v1::ProvenHeader { header: vec![1; 300], certificate: vec![2; 400] };
    let records = vec![v1::Record { record: None }, v1::Record { record: Some(vec![3; 40]) }];
    let status = v1::GetStatusResponse { head: Some(head.clone()), records, proof: vec![4; 99] };
    Prepared {
        seeds: vec![status.encode_to_vec(), head.encode_to_vec()],
        words: vec![vec![0xff; 10], vec![0x0a], vec![0x12]],
        check: Box::new(|input| {
            let read = [
                again::<v1::Receipt>("receipt", input)?,
                again::<v1::GetTransactionResponse>("transaction", input)?,
                again::<v1::GetStatusResponse>("status", input)?,
                again::<v1::GetLogResponse>("log", input)?,
                again::<v1::GetBlockResponse>("block", input)?,
                again::<v1::GetValidatorsResponse>("validators", input)?,
                again::<v1::GetGenesisResponse>("genesis", input)?,
                again::<v1::GetNodeInfoResponse>("info", input)?,
            ];
            Ok(verdict(&read.concat()))
        }),
    }
}

fn status_answer() -> Prepared {
    let chain = Chain::grown();
    let known = chain.statements[0].body().operations[0].assets()[0].key();
    let keys = [known, AssetKey { scheme: Scheme::Bytes, digest: Digest([3; 32]) }];
    let names = keys.map(StateName::Asset);
    let reader = chain.nodes[0].running.as_ref().expect("it runs").replica.reader();
    let genuine: LedgerAnswer = reader.status(&names).expect("committed");
    let head = v1::ProvenHeader {
        header: genuine.header.to_vec(),
        certificate: genuine.certificate.to_vec(),
    };
    let records = genuine.records.iter().map(|record| v1::Record { record: record.clone() });
    let answer = v1::GetStatusResponse {
        head: Some(head),
        records: records.collect(),
        proof: genuine.proof.to_bytes(),
    };
    let verifier = Verifier::new(chain.genesis.chain_id(), chain.genesis.validator_set().clone());
    Prepared {
        seeds: vec![answer.encode_to_vec()],
        words: vec![vec![0x0a], vec![0x12], vec![0x1a]],
        check: Box::new(move |input| {
            let answer = match v1::GetStatusResponse::decode(input) {
                Ok(answer) => answer,
                Err(error) => return Ok(Answer::Refused(error.to_string())),
            };
            match proven::assets(&verifier, &keys, answer) {
                Ok(found) => {
                    must(found.head.header().to_bytes() == *genuine.header, "another header")?;
                    let records: Vec<_> = found
                        .records
                        .iter()
                        .map(|record| record.as_ref().map(|record| record.to_bytes()))
                        .collect();
                    must(records == genuine.records, "other records than the chain's")?;
                    Ok(Answer::Read("proven".to_owned()))
                }
                Err(error) => Ok(Answer::Refused(error.to_string())),
            }
        }),
    }
}

fn state_name() -> Prepared {
    let chain = Chain::grown();
    let known = chain.statements[0].body().operations[0].assets()[0].key();
    let organization = OrganizationId::new("organization-0").expect("a valid id");
    let names = [
        StateName::Asset(known),
        StateName::Organization(organization),
        StateName::Signer(chain.statements[0].signed().public_key),
        StateName::Validators,
    ];
    Prepared {
        seeds: names.iter().map(|name| borsh::to_vec(name).expect("memory")).collect(),
        words: Vec::new(),
        check: Box::new(|input| match StateName::try_from_slice(input) {
            Ok(name) => {
                let bytes = borsh::to_vec(&name).expect("memory");
                must(bytes == input, "it encodes to other bytes than it was read from")?;
                Ok(Answer::Read(format!("{name:?}")))
            }
            Err(error) => Ok(Answer::Refused(error.to_string())),
        }),
    }
}

fn node_url() -> Prepared {
    let texts = ["http://127.0.0.1:26657", "https://node.example:443", "http://[::1]:1"];
    let words = ["http://", "https://", "@", "[", "]", ":", "/", "?", "#", "%41", "65536", ".."];
    let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    Prepared {
        seeds: bytes(&texts),
        words: bytes(&words),
        check: Box::new(|input| {
            let Ok(text) = std::str::from_utf8(input) else {
                return Ok(Answer::Refused("not text".to_owned()));
            };
            match text.parse::<NodeUrl>() {
                Ok(url) => {
                    let printed = url.to_string().parse::<NodeUrl>();
                    must(printed.as_ref() == Ok(&url), "printed, it is another")?;
                    Ok(Answer::Read(format!("url {}", url.is_encrypted())))
                }
                Err(error) => Ok(Answer::Refused(error.to_string())),
            }
        }),
    }
}
