//! The targets: each decoder with what must hold for whatever it reads.

mod api;
mod canonical;
mod disk;
mod documents;
mod openssh;
mod replica;
mod verifier;

use super::target::Target;

/// Every target.
#[must_use]
pub fn all() -> Vec<Target> {
    let mut all = Vec::new();
    all.extend(canonical::TARGETS);
    all.extend(verifier::TARGETS);
    all.extend(disk::TARGETS);
    all.extend(documents::TARGETS);
    all.extend(openssh::TARGETS);
    all.extend(api::TARGETS);
    all.push(replica::TARGET);
    all
}

/// The target of a name.
#[must_use]
pub fn find(name: &str) -> Option<Target> {
    all().into_iter().find(|target| target.name == name)
}
