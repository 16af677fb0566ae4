//! Lies about receipts, and about the genesis document.

use vouchsafe_proto::v1::{GetGenesisResponse, Receipt};
use vouchsafe_types::header::Header;
use vouchsafe_types::log::InclusionProof;

use crate::answers::{Alteration, LyingScene, change};
use crate::harness::Vouch;
use crate::proxy::Lies;

fn receipt(alter: impl FnMut(&mut Receipt) + Send + Sync + 'static) -> Lies {
    Lies { receipt: Some(Box::new(alter)), ..Lies::default() }
}

#[test]
fn a_receipt_that_proves_nothing_is_no_receipt_and_the_transaction_is_kept() {
    let scene = LyingScene::new();
    let lies: [Alteration<Receipt>; 9] = [
        ("another id", |r| r.transaction_id[0] ^= 1),
        ("no id", |r| r.transaction_id.clear()),
        ("no head", |r| r.head = None),
        ("another header", |r| {
            change::<Header>(&mut r.head.as_mut().expect("one").header, |h| h.height += 1);
        }),
        ("a damaged certificate", |r| {
            let certificate = &mut r.head.as_mut().expect("one").certificate;
            let last = certificate.len() - 1;
            certificate[last] ^= 1;
        }),
        ("no proof", |r| r.inclusion_proof.clear()),
        ("another index", |r| change::<InclusionProof>(&mut r.inclusion_proof, |p| p.index += 1)),
        ("another size", |r| change::<InclusionProof>(&mut r.inclusion_proof, |p| p.size += 1)),
        ("a trailing byte", |r| r.inclusion_proof.push(0)),
    ];
    for (index, (what, alter)) in lies.into_iter().enumerate() {
        let file = scene.scene.file(what, what.as_bytes());
        scene.caught(what, 20, receipt(alter), &["sign", &file]);
        assert_eq!(scene.scene.pending().len(), 1, "{what} ({index})");
        // The same bytes bring the genuine receipt.
        scene.control(&["sign", &file], 0);
        assert!(scene.scene.pending().is_empty(), "{what}");
        let inspected = scene.scene.vouch.json(&["inspect", &file]).ends(0).json();
        assert_eq!(inspected["results"][0]["event_count"], 1, "{what}");
    }
}

#[test]
fn a_receipt_of_another_transaction_is_no_receipt() {
    let scene = LyingScene::new();
    let (first, second) = (scene.scene.file("1", b"1"), scene.scene.file("2", b"2"));
    let heard = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = heard.clone();
    let listen = receipt(move |receipt| {
        *keep.lock().expect("unpoisoned") = Some(receipt.clone());
    });
    scene.run(listen, &["sign", &first]).ends(0);
    let others = heard.lock().expect("unpoisoned").take().expect("a receipt");
    let whole = others.clone();
    scene.caught("another's", 20, receipt(move |r| *r = whole.clone()), &["sign", &second]);
    let renamed = receipt(move |r| {
        let id = std::mem::take(&mut r.transaction_id);
        *r = Receipt { transaction_id: id, ..others.clone() };
    });
    scene.caught("another's block", 20, renamed, &["sign", &second]);
    scene.control(&["sign", &second], 0);
}

#[test]
fn an_altered_genesis_is_not_pinned_against_the_expected_chain() {
    let scene = LyingScene::new();
    let genuine = scene.scene.vouch.json(&["init", "-y", "--node", scene.proxy.url()]).ends(0);
    let id = genuine.json()["results"][0]["chain_id"].as_str().expect("an id").to_owned();
    let fresh = Vouch::new(&scene.scene.folder.path().join("fresh"));
    let lies: [fn(&mut GetGenesisResponse); 3] = [
        |answer| {
            let text = String::from_utf8(answer.document.clone()).expect("JSON");
            answer.document = text.replace("\"10000\"", "\"20000\"").into_bytes();
        },
        |answer| answer.document.clear(),
        |answer| answer.document.truncate(100),
    ];
    for alter in lies {
        scene.proxy.tell(Lies { genesis: Some(Box::new(alter)), ..Lies::default() });
        let init = ["init", "--node", scene.proxy.url(), "--chain-id", &id];
        fresh.run(&init).ends(2);
        assert!(!fresh.home.join("genesis.json").exists());
    }
    scene.proxy.tell(Lies::default());
    fresh.run(&["init", "--node", scene.proxy.url(), "--chain-id", &id]).ends(0);
}
