//! Signatures on which verifiers differ: ZIP-215, which is the ledger's rule, against the
//! cofactorless rule and OpenSSH as it was measured.

use std::process::Command;

use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::openssh::{TRANSACTION_NAMESPACE, armor, signed_data};
use vouchsafe_types::signature::{Batch, verify};

use crate::json::{Json, hex, object};
use crate::sample::crafted::{Crafter, cofactorless, signature, small_order_encodings, unreduced};
use crate::sample::public;
use crate::sample::ssh_keygen::accepts;

/// The OpenSSH whose verdicts stand in the file.
const MEASURED: &str = "OpenSSH_9.2p1";
const MESSAGE: &[u8] = b"a crafted signature";

struct Case {
    about: String,
    key: PublicKey,
    signature: Signature,
    openssh: bool,
}

impl Case {
    fn new(about: impl Into<String>, key: PublicKey, signature: Signature, openssh: bool) -> Self {
        Self { about: about.into(), key, signature, openssh }
    }
}

fn data() -> Vec<u8> {
    signed_data(TRANSACTION_NAMESPACE, MESSAGE)
}

fn cases() -> Vec<Case> {
    let honest = Crafter::new(1, 0);
    let key = honest.public_key();
    let good = honest.sign(&data(), 0);
    let mut cases = vec![Case::new("honest", key, good, true)];
    for torsion in 1..8 {
        let crafted = honest.sign(&data(), torsion);
        cases.push(Case::new(format!("R + torsion point {torsion}"), key, crafted, false));
    }
    for torsion in 1..8 {
        let mixed = Crafter::new(2, torsion);
        let crafted = mixed.sign(&data(), 0);
        let lucky = cofactorless(&mixed.public_key(), &data(), &crafted);
        let about = format!("key + torsion point {torsion}");
        cases.push(Case::new(about, mixed.public_key(), crafted, lucky));
    }
    for (index, r) in small_order_encodings().iter().enumerate() {
        let crafted = honest.sign_with_small_r(&data(), r);
        let identity = r[0] == 1 && r[1..] == [0; 31];
        cases.push(Case::new(
            format!("R of small order, encoding {index}"),
            key,
            crafted,
            identity,
        ));
    }
    cases.push(Case::new("s + L in place of s", key, unreduced(&good), true));
    let mut high = good;
    high.0[63] |= 0x80;
    cases.push(Case::new("s with its highest bit set", key, high, false));
    let off_curve = signature(&[2; 32], &good.0[32..].try_into().expect("32 bytes"));
    cases.push(Case::new("R off the curve", key, off_curve, false));
    cases.push(Case::new("another key", public(3), good, false));
    for (index, small) in small_order_encodings().iter().enumerate() {
        let r = small_order_encodings()[13 - index];
        let crafted = signature(&r, &[0; 32]);
        let weak = PublicKey(*small);
        let lucky = cofactorless(&weak, &data(), &crafted);
        cases.push(Case::new(
            format!("key of small order, encoding {index}"),
            weak,
            crafted,
            lucky,
        ));
    }
    cases
}

fn case_json(case: &Case) -> Json {
    let Case { about, key, signature, openssh } = case;
    let zip_215 = verify(key, &data(), signature);
    let mut batch = Batch::new();
    (0..5).for_each(|_| batch.push(key, &data(), signature));
    assert_eq!(batch.verify_each(), [zip_215; 5], "{about}");
    let admitted = key.check();
    object! {
        "about": about.as_str(),
        "public_key": hex(key.0),
        "signature": hex(signature.0),
        "armored_signature": armor(key, TRANSACTION_NAMESPACE, signature),
        "key_refused": admitted.err().map(|error| format!("{error:?}")),
        "zip_215": zip_215,
        "ledger": zip_215 && admitted.is_ok(),
        "cofactorless": cofactorless(key, &data(), signature),
        "openssh": *openssh,
    }
}

pub(crate) fn all() -> Json {
    object! {
        "about": "Crafted SSHSIG signatures over one message. zip_215: 8(sB - R - hA) = 0, any \
                  encoding of R and A, s < L. ledger: zip_215, and the key is admitted. \
                  cofactorless: sB - hA encodes to R, byte for byte (s taken modulo L). openssh: \
                  the verdict of ssh-keygen -Y verify.",
        "openssh_measured": MEASURED,
        "namespace": TRANSACTION_NAMESPACE,
        "message": hex(MESSAGE),
        "sshsig_signed_data": hex(data()),
        "cases": cases().iter().map(case_json).collect::<Vec<_>>(),
    }
}

fn local_version() -> String {
    let output = Command::new("ssh").arg("-V").output().expect("OpenSSH is installed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn openssh_says_what_was_measured() {
    let measured = local_version().starts_with(MEASURED);
    for case in cases() {
        let verdict =
            accepts(&case.key, &armor(&case.key, TRANSACTION_NAMESPACE, &case.signature), MESSAGE);
        // Other versions may use another library, which differs where no honest signature is.
        let settled = case.about == "honest" || case.about.starts_with("R + torsion");
        if measured || settled {
            assert_eq!(verdict, case.openssh, "{}", case.about);
        }
    }
}
