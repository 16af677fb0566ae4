//! Validator sets and proposers, headers, certificates, blocks.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::verifier::Verifier;

use crate::json::{Json, decimal, encoding, hex, object};
use crate::sample::{
    VALIDATOR_SEEDS, certificate, chain, first_block, first_certificate, second_block, set,
    validators,
};

fn set_json(about: &str, set: &ValidatorSet) -> Json {
    let members: Vec<_> = set
        .iter()
        .map(|(address, validator)| {
            object! {
                "address": address.0,
                "public_key": hex(validator.public_key.0),
                "power": decimal(validator.power),
                "organization": validator.organization.as_str(),
            }
        })
        .collect();
    let places = [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 0),
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
        (8, 0),
        (1000, 0),
        (1000, 7),
        (u64::MAX, 0),
        (u64::MAX, u32::MAX),
    ];
    let proposers: Vec<_> = places
        .iter()
        .map(|(height, round)| {
            object! {
                "height": decimal(*height),
                "round": *round,
                "proposer": set.proposer(*height, *round).0,
            }
        })
        .collect();
    object! {
        "about": about,
        "members": members,
        "total_power": decimal(set.total_power()),
        "bytes": encoding(set),
        "hash": set.hash().0,
        "proposers": proposers,
    }
}

fn header_json(header: &Header) -> Json {
    object! {
        "version": 1u32,
        "chain_id": header.chain_id.0,
        "height": decimal(header.height),
        "round": header.round,
        "time_ms": decimal(header.time_ms),
        "parent": header.parent.0,
        "history_root": header.history_root,
        "transactions_root": header.transactions_root,
        "transaction_count": header.transaction_count,
        "state_root": header.state_root,
        "validators": header.validators.0,
        "next_validators": header.next_validators.0,
        "proposer": header.proposer.0,
        "parent_certificate": header.parent_certificate.0,
        "evidence_root": header.evidence_root,
    }
}

fn certificate_json(certificate: &CommitCertificate) -> Json {
    let signatures: Vec<_> = certificate
        .signatures
        .iter()
        .map(|entry| {
            object! {
                "address": entry.address.0,
                "preimage": hex(certificate.precommit(entry.address).preimage(&chain())),
                "signature": hex(entry.signature.0),
            }
        })
        .collect();
    object! {
        "height": decimal(certificate.height),
        "round": certificate.round,
        "block_id": certificate.block_id.0,
        "signatures": signatures,
        "bytes": encoding(certificate),
        "hash": certificate.hash().0,
    }
}

fn block_json(about: &str, block: &Block, certificate: &CommitCertificate) -> Json {
    let verifier = Verifier::new(chain(), validators());
    assert!(verifier.header(&block.header.to_bytes(), &certificate.to_bytes()).is_ok());
    object! {
        "about": about,
        "header": header_json(&block.header),
        "header_bytes": encoding(&block.header),
        "block_id": block.header.block_id().0,
        "block_bytes": encoding(block),
        "certificate": certificate_json(certificate),
    }
}

pub(crate) fn all() -> Json {
    let second = second_block();
    let second_certificate = certificate(2, 1, second.header.block_id(), &VALIDATOR_SEEDS);
    object! {
        "about": "Validator sets, headers, certificates and blocks. Each header is proven by its \
                  certificate under the first set.",
        "chain_id": chain().0,
        "validator_sets": vec![
            set_json("four validators of power 1", &validators()),
            set_json("three validators of unequal power", &set(&[(101, 1), (102, 5), (103, 10)])),
            set_json("one validator", &set(&[(101, 10)])),
        ],
        "blocks": vec![
            block_json("block 1: no parent, three transactions", &first_block(), &first_certificate()),
            block_json(
                "block 2: the parent's certificate, no transactions, two pieces of evidence",
                &second,
                &second_certificate,
            ),
        ],
    }
}
