//! A validator that lies to whoever catches up from it: `vouchsafed` in all else. The trial
//! `catch-up` of `vouchsafe-testnet` runs it among honest nodes.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use vouchsafe_ledger::{RocksStore, StoreError};
use vouchsafe_replica::peer::{CertifiedBlock, CertifiedBlocks, Request, Response};
use vouchsafe_replica::serve;
use vouchsafe_types::certificate::CommitSignatures;
use vouchsafe_types::hash::{Digest, sha256};
use vouchsafe_types::header::BlockTransactions;

/// How many answers were given: each lie has its turn.
static ANSWERS: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    match vouchsafe_node::run_answering(answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("villain: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn answer(store: &RocksStore, request: &Request) -> Result<Response, StoreError> {
    let turn = ANSWERS.fetch_add(1, Ordering::Relaxed);
    Ok(match serve::answer(store, request)? {
        Response::Blocks(blocks) => Response::Blocks(falsified(turn, blocks)),
        // It boasts, so that it is asked.
        Response::Status { height } => Response::Status { height: height + 1_000 },
        other => other,
    })
}

fn falsified(turn: u64, blocks: CertifiedBlocks) -> CertifiedBlocks {
    let mut blocks = blocks.into_inner();
    for certified in &mut blocks {
        falsify(turn, certified);
    }
    if turn % 5 == 4 {
        blocks.clear();
    }
    CertifiedBlocks::new(blocks).expect("no more than before")
}

fn falsify(turn: u64, CertifiedBlock { block, certificate }: &mut CertifiedBlock) {
    match turn % 5 {
        0 => {
            let few = certificate.signatures.iter().take(1).cloned().collect();
            certificate.signatures = CommitSignatures::new(few).expect("one");
        }
        1 => block.header.state_root = another(),
        2 => block.transactions = BlockTransactions::new(Vec::new()).expect("none"),
        _ => certificate.round += 1,
    }
}

fn another() -> Digest {
    sha256(&[b"another state"])
}
