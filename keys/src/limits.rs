//! Every bound and name that an error message mentions, in one place below all others.

use std::time::Duration;

/// The longest file that is read, in bytes: larger than any key of any type.
pub const PRIVATE_FILE_BYTES_MAX: usize = 64 << 10;
/// The longest passphrase, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;
/// The most rounds that a file may ask for: about half a minute.
pub const BCRYPT_ROUNDS_MAX: u32 = 4096;
/// The longest comment of a new key, in bytes.
pub const COMMENT_BYTES_MAX: usize = 255;
/// The longest message that is read, in bytes: OpenSSH's own bound.
pub const AGENT_MESSAGE_BYTES_MAX: usize = 256 << 10;
/// The most keys that an agent may list: OpenSSH's own bound.
pub const AGENT_IDENTITIES_MAX: usize = 2048;
/// The environment variable that names the agent's socket.
pub const SOCKET_VARIABLE: &str = "SSH_AUTH_SOCK";
/// How long an agent may take to list its keys.
pub const LIST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an agent may take to sign: its user may have to confirm.
pub const SIGN_TIMEOUT: Duration = Duration::from_secs(60);
