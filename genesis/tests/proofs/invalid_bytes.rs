//! Binary proof files that do not decode.

use serde_json::Value;
use vouchsafe_types::asset::Scheme;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::header::Header;
use vouchsafe_types::proof::{MAGIC, Proof};

use crate::invalid::refused;
use crate::world::{self, NEWEST, asset};

/// Where the parts of a binary proof without changes stand, in bytes.
struct Places {
    changes: usize,
    header: usize,
    certificate: usize,
    older: usize,
    subject: usize,
}

fn places(proof: &Proof) -> Places {
    let changes = MAGIC.len() + 1 + 32;
    let header = changes + 4;
    let certificate = header + Header::LIMIT_BYTES;
    let older = certificate + proof.certificate.to_bytes().len();
    Places { changes, header, certificate, older, subject: older + 1 }
}

/// Every case.
pub(crate) fn all() -> Vec<Value> {
    let world = world::all().remove(0);
    let proof = world.asset_proof(3, asset("hello", Scheme::Bytes).key(), true);
    let (good, at) = (proof.to_bytes(), places(&proof));
    let mut cases = Vec::new();
    let mut add = |about: &str, expected: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        cases.push(refused(&world, about, &bytes, expected));
    };
    add("nothing but a first letter", "Binary.Malformed", &|b| b.truncate(1));
    add("other first letters", "Binary.Malformed", &|b| b[3] = b'h');
    add("version 0", "Binary.UnknownVersion", &|b| b[MAGIC.len()] = 0);
    add("version 2", "Binary.UnknownVersion", &|b| b[MAGIC.len()] = 2);
    add("a byte too many", "Binary.TrailingBytes", &|b| b.push(0));
    add("a byte too few", "Binary.Malformed", &|b| b.truncate(b.len() - 1));
    add("half of it", "Binary.Malformed", &|b| b.truncate(b.len() / 2));
    add("cut before its subject", "Binary.Malformed", &|b| b.truncate(at.subject));
    add("4,097 changes announced", "Binary.TooMany", &|b| {
        (b[at.changes], b[at.changes + 1]) = (1, 0x10);
    });
    add("4 thousand million changes announced", "Binary.TooMany", &|b| {
        b[at.changes..at.changes + 4].fill(0xff);
    });
    add("a header of version 2", "Binary.UnknownVersion", &|b| b[at.header] = 2);
    add("a certificate of version 0", "Binary.UnknownVersion", &|b| b[at.certificate] = 0);
    let count = at.certificate + 1 + 8 + 4 + 32;
    add("a certificate without signatures", "Binary.TooFew", &|b| b[count] = 0);
    add("a certificate of 257 signatures", "Binary.TooMany", &|b| {
        (b[count], b[count + 1]) = (1, 1);
    });
    add("neither with an older header nor without", "Binary.Malformed", &|b| b[at.older] = 2);
    add("a subject of kind 0", "Binary.Malformed", &|b| b[at.subject] = 0);
    add("a subject of kind 3", "Binary.Malformed", &|b| b[at.subject] = 3);
    add("a scheme of number 6", "Binary.Malformed", &|b| b[at.subject + 1] = 6);
    let record = at.subject + 2 + 32;
    add("neither with a record nor without", "Binary.Malformed", &|b| b[record] = 7);
    add("a record of version 9", "Binary.UnknownVersion", &|b| b[record + 1] = 9);
    let organizations = record + 2 + 40;
    add("a record of no organization", "Binary.TooFew", &|b| b[organizations] = 0);
    add("257 organizations", "Binary.TooMany", &|b| b[organizations + 1] = 1);
    add("an organization's id in capitals", "Binary.Malformed", &|b| b[organizations + 8] = b'A');
    add("an organization's id that is no UTF-8", "Binary.Malformed", &|b| {
        b[organizations + 8] = 0xff;
    });
    add("a status of number 4", "Binary.Malformed", &|b| b[organizations + 12] = 4);
    cases.extend(longer(&world));
    cases
}

/// With changes, and above every limit.
fn longer(world: &world::World) -> Vec<Value> {
    let key = asset("hello", Scheme::Bytes).key();
    let proof = world.asset_proof(NEWEST, key, false);
    let good = proof.to_bytes();
    let set = proof.changes[0].validators.to_bytes();
    let at = good.windows(set.len()).position(|window| window == set).expect("it is in there");
    let mut unsorted = good.clone();
    let length = (set.len() - 5) / 5;
    let (first, second) = (at + 5, at + 5 + length);
    let one = unsorted[first..first + length].to_vec();
    unsorted.copy_within(second..second + length, first);
    unsorted[second..second + length].copy_from_slice(&one);
    let mut powerless = good.clone();
    powerless[first + 32..first + 40].fill(0);
    vec![
        refused(world, "a set in another order", &unsorted, "Binary.NotCanonical"),
        refused(world, "a validator without power", &powerless, "Binary.Malformed"),
    ]
}
