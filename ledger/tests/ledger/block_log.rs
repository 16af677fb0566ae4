//! The log of block ids has the roots that headers commit to, and each size continues those before.

use vouchsafe_ledger::{BlockLog, StoreRead as _};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::header::Header;
use vouchsafe_types::log::leaf_hash;

use crate::chain::*;

#[test]
fn the_log_has_every_headers_history_root_and_each_size_continues_the_others() {
    let mut chain = Chain::new();
    // More than two groups, so that kept roots, the rest and their borders all count.
    let newest = 600;
    for _ in 0..newest {
        chain.append(&[]);
    }
    let log = BlockLog::default();
    let root = |size| log.root(&chain.store, size).expect("reads");
    for size in (1..newest).filter(|size| size % 7 == 0 || size % 256 < 3 || size % 256 > 253) {
        let header = chain.store.header(size + 1).expect("reads").expect("committed");
        let header = Header::from_bytes(&header).expect("a header");
        assert_eq!(root(size), header.history_root, "before height {}", size + 1);
    }
    assert_eq!(root(newest), chain.ledger.head().history.root());
    for (first, second) in [(1, 1), (1, 600), (255, 257), (256, 512), (300, 599), (512, 513)] {
        let proof = log.consistency(&chain.store, first, second).expect("reads");
        assert_eq!(proof.verify(&root(first), &root(second)), Ok(()), "{first} of {second}");
        assert!(proof.verify(&root(first + 1), &root(second)).is_err());
    }
    let leaf = |height: u64| {
        let header = chain.store.header(height).expect("reads").expect("committed");
        leaf_hash(Header::from_bytes(&header).expect("a header").block_id().as_bytes())
    };
    for (height, size) in [(1, 1), (1, 600), (600, 600), (256, 257), (257, 513), (513, 599)] {
        let proof = log.inclusion(&chain.store, height, size).expect("reads");
        assert_eq!((proof.index, proof.size), (height - 1, size));
        assert_eq!(proof.verify(&leaf(height), &root(size)), Ok(()), "{height} of {size}");
        assert!(proof.verify(&leaf(height % newest + 1), &root(size)).is_err());
    }
    let beyond = log.root(&chain.store, newest + 1);
    assert!(beyond.is_err(), "{beyond:?}");
}
