//! One module a command.

pub mod act;
pub mod act_entry;
pub mod checkpoint;
pub mod evidence;
pub mod init;
pub mod inspect;
pub mod inspect_entry;
pub mod key;
pub mod list;
pub mod proof;
pub mod sshsig;
pub mod status;
pub mod verify;
pub mod version;
pub mod watch;
