//! What this machine could do at best, measured beside what the network does: signatures, hashes,
//! syncs. All cores are busy while they are measured, as they are in a network.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use vouchsafe_types::hash::sha256;
use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::signature::Batch;

use super::recorder::Recorder;

/// Validators that each verify every transaction: what makes C4 of C1.
const VERIFIERS: usize = 4;
/// Distinct signers, as many as the load has.
const SIGNERS: u8 = 8;
/// Signatures in a batch.
const BATCH: usize = 256;
/// The length of what is signed, in bytes.
const MESSAGE_BYTES: usize = 250;
/// What one write before a sync appends, in bytes.
const WRITE_BYTES: usize = 4096;

/// Signatures that [`VERIFIERS`] threads at once each verify in batches, in a second, on average:
/// no network of four on one machine commits more transactions (C4).
#[must_use]
pub(super) fn verified_by_four(lasting: Duration) -> f64 {
    verified_by(VERIFIERS, lasting) / VERIFIERS as f64
}

/// Signatures that all cores verify in batches, in a second.
#[must_use]
pub(super) fn verified_by_all(lasting: Duration) -> f64 {
    verified_by(thread::available_parallelism().map_or(1, NonZero::get), lasting)
}

fn verified_by(verifiers: usize, lasting: Duration) -> f64 {
    let signed: Vec<_> = (0..BATCH).map(signed_message).collect();
    let total: u64 = thread::scope(|scope| {
        let verifiers: Vec<_> =
            (0..verifiers).map(|_| scope.spawn(|| verify_for(&signed, lasting))).collect();
        verifiers.into_iter().map(|one| one.join().expect("verifying does not panic")).sum()
    });
    total as f64 / lasting.as_secs_f64()
}

fn verify_for(signed: &[(PublicKey, Vec<u8>, Signature)], lasting: Duration) -> u64 {
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < lasting {
        let mut batch = Batch::new();
        for (key, message, signature) in signed {
            batch.push(key, message, signature);
        }
        assert!(batch.verify_each().into_iter().all(|valid| valid), "they were signed");
        count += signed.len() as u64;
    }
    count
}

fn signed_message(index: usize) -> (PublicKey, Vec<u8>, Signature) {
    let seed = u8::try_from(index % usize::from(SIGNERS)).expect("few signers");
    let key = ed25519_zebra::SigningKey::from([seed + 1; 32]);
    let mut message = vec![0; MESSAGE_BYTES];
    message[..8].copy_from_slice(&(index as u64).to_le_bytes());
    let signature = Signature(key.sign(&message).into());
    (PublicKey(ed25519_zebra::VerificationKeyBytes::from(&key).into()), message, signature)
}

/// Bytes that one core hashes in a second with SHA-256.
#[must_use]
pub(super) fn hashed_bytes(lasting: Duration) -> f64 {
    let content = vec![7; 1 << 20];
    let (began, mut count) = (Instant::now(), 0u64);
    while began.elapsed() < lasting {
        std::hint::black_box(sha256(&[&content]));
        count += content.len() as u64;
    }
    count as f64 / began.elapsed().as_secs_f64()
}

/// How long `fdatasync` takes after a small write to a file below a folder.
///
/// # Errors
/// The file system's.
pub(super) fn synced_writes(folder: &Path, lasting: Duration) -> io::Result<Recorder> {
    let path = folder.join("sync-probe");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&path)?;
    let (bytes, mut recorder, began) = ([5; WRITE_BYTES], Recorder::default(), Instant::now());
    while began.elapsed() < lasting {
        file.write_all(&bytes)?;
        let from = Instant::now();
        file.sync_data()?;
        recorder.add(from.elapsed());
    }
    fs::remove_file(path)?;
    Ok(recorder)
}
