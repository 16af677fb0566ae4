//! Lies about logs and the transactions in them: a history cannot be shortened or rewritten.

use vouchsafe_proto::v1::{GetLogResponse, GetTransactionResponse};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::record::Event;
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::{Body, BodyBytes, SignedTransaction};

use crate::answers::{LyingScene, change};
use crate::proxy::Lies;

fn log(alter: impl FnMut(&mut GetLogResponse) + Send + Sync + 'static) -> Lies {
    Lies { log: Some(Box::new(alter)), ..Lies::default() }
}

fn transaction(alter: impl FnMut(&mut GetTransactionResponse) + Send + Sync + 'static) -> Lies {
    Lies { transaction: Some(Box::new(alter)), ..Lies::default() }
}

/// A file that was trusted, deprecated and trusted again, and its signer.
fn scene() -> (LyingScene, String, String) {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    let signed = scene.scene.vouch.json(&["sign", &file]).ends(0).json();
    let signer = signed["results"][0]["receipt"]["signer"].as_str().expect("shown").to_owned();
    scene.scene.vouch.run(&["unsupport", &file]).ends(0);
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    (scene, file, signer)
}

#[test]
fn a_history_cannot_be_shortened_reordered_or_rewritten() {
    let (scene, file, signer) = scene();
    let commands: [&[&str]; 3] =
        [&["verify", &file, "--signer", &signer], &["inspect", &file], &["list"]];
    for arguments in commands {
        scene.control(arguments, 0);
        let shorter = log(|answer| {
            answer.entries.pop();
        });
        scene.caught("the last entry is missing", 20, shorter, arguments);
        let first = log(|answer| {
            answer.entries.remove(0);
        });
        scene.caught("the first entry is missing", 20, first, arguments);
        scene.caught("swapped", 20, log(|answer| answer.entries.swap(0, 1)), arguments);
        let repeated = log(|answer| answer.entries[0] = answer.entries[2].clone());
        scene.caught("repeated", 20, repeated, arguments);
        let longer = log(|answer| answer.entries.push(answer.entries[0].clone()));
        scene.caught("an entry too many", 20, longer, arguments);
        scene.caught("nothing", 20, log(|answer| answer.entries.clear()), arguments);
        let trailing = log(|answer| answer.entries[1].push(0));
        scene.caught("a trailing byte", 20, trailing, arguments);
        // It may be behind: nothing is known then.
        scene.caught("a smaller total", 21, log(|answer| answer.total -= 1), arguments);
        scene.control(arguments, 0);
    }
    let rewritten = log(|answer| {
        change::<Event>(&mut answer.entries[1], |event| {
            event.status = Status::Trusted;
            event.reason = None;
        });
    });
    scene.caught("a withdrawn trust", 20, rewritten, &["inspect", &file]);
}

#[test]
fn a_transaction_of_the_history_cannot_be_altered_or_replaced() {
    let (scene, file, _) = scene();
    let other = scene.scene.file("other", b"other");
    let signed = scene.scene.vouch.json(&["sign", &other]).ends(0).json();
    let id = signed["results"][0]["receipt"]["transaction_id"].as_str().expect("an id").to_owned();
    let folder = scene.scene.folder.path().join("sig").display().to_string();
    let commands: [&[&str]; 3] =
        [&["inspect", &file], &["list"], &["inspect", "--sshsig", &folder, &id]];
    for arguments in commands {
        scene.control(arguments, 0);
        let renamed = transaction(|answer| {
            change::<SignedTransaction>(&mut answer.transaction, |signed| {
                let mut body = Body::from_bytes(&signed.body).expect("genuine");
                body.expiry_ms += 1;
                signed.body = BodyBytes::new(body.to_bytes()).expect("as long as before");
            });
        });
        scene.caught("another body", 20, renamed, arguments);
        let unsigned = transaction(|answer| {
            change::<SignedTransaction>(&mut answer.transaction, |s| s.signature.0[3] ^= 1);
        });
        scene.caught("another signature", 20, unsigned, arguments);
        scene.caught("no receipt", 20, transaction(|a| a.receipt = None), arguments);
        let unproven = transaction(|a| a.receipt.as_mut().expect("one").inclusion_proof.push(0));
        scene.caught("another proof", 20, unproven, arguments);
        let truncated = transaction(|a| {
            a.transaction.pop();
        });
        scene.caught("a truncated transaction", 20, truncated, arguments);
    }
    let another = hex::decode(&id).expect("hexadecimal");
    let replaced = Lies { other_transaction: Some(another), ..Lies::default() };
    scene.caught("another transaction", 20, replaced, &["inspect", &file]);
}
