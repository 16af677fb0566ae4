//! Many files of mixed size by four signers of two organizations: signed, verified, revoked, with
//! the real programs. JSON and exit codes are as documented; `ssh-keygen` and `sha256sum` agree.
//!
//! ```text
//! VOUCHSAFE_FILES=1000 VOUCHSAFE_FILE_BYTES_MAX=1073741824 \
//!     cargo test --release -p vouchsafe-client --test thousand -- --nocapture
//! ```
//!
//! `scripts/thousand` runs just that.

mod files;
mod network;
mod people;
mod story;

use files::Files;
use network::Network;
use people::People;
use story::Story;

/// How many files there are unless `VOUCHSAFE_FILES` says otherwise.
const FILES_DEFAULT: u64 = 40;
/// The largest file, in bytes, unless `VOUCHSAFE_FILE_BYTES_MAX` says otherwise.
const FILE_BYTES_MAX_DEFAULT: u64 = 8 << 20;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, not a number"))
    })
}

#[test]
fn many_files_by_four_signers_sign_verify_and_revoke_as_documented() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::new(
        folder.path(),
        usize::try_from(number("VOUCHSAFE_FILES", FILES_DEFAULT)).expect("fits in memory"),
        number("VOUCHSAFE_FILE_BYTES_MAX", FILE_BYTES_MAX_DEFAULT),
    );
    let people = People::new(folder.path());
    let network = Network::start(folder.path(), &people);
    let story = Story { files: &files, people: &people, network: &network };
    story.nothing_is_known_at_first();
    story.everyone_signs_their_share();
    story.everything_is_trusted_and_every_digest_is_right();
    story.ssh_keygen_agrees_about_keys_and_signatures();
    story.shares_are_revoked_distrusted_and_trusted_again();
    story.each_share_has_its_status_and_exit_code();
    story.policies_narrow_who_counts();
    story.the_ledger_refuses_what_its_rules_forbid();
    network.stop();
}
