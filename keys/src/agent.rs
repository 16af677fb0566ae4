//! Keys that an ssh-agent holds: their private half never comes into this process.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::signature::verify;

use crate::agent_message::{list_request, read_list, read_signature, sign_request};
use crate::error::KeyError;
use crate::limits::{AGENT_MESSAGE_BYTES_MAX, LIST_TIMEOUT, SIGN_TIMEOUT, SOCKET_VARIABLE};

/// A running ssh-agent.
#[derive(Clone, Debug)]
pub struct Agent {
    socket: PathBuf,
}

/// An Ed25519 key that an agent lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentIdentity {
    /// The key.
    pub public_key: PublicKey,
    /// Its comment, as it was added.
    pub comment: String,
}

/// A key that an agent signs with.
#[derive(Clone, Debug)]
pub struct AgentKey {
    agent: Agent,
    public_key: PublicKey,
}

impl Agent {
    /// The agent that the environment names.
    ///
    /// # Errors
    /// [`KeyError::NoAgent`].
    pub fn from_environment() -> Result<Self, KeyError> {
        Self::named(std::env::var_os(SOCKET_VARIABLE))
    }

    fn named(socket: Option<OsString>) -> Result<Self, KeyError> {
        match socket {
            Some(socket) if !socket.is_empty() => Ok(Self { socket: socket.into() }),
            _ => Err(KeyError::NoAgent),
        }
    }

    /// The agent at a socket.
    #[must_use]
    pub fn at(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// The Ed25519 keys that the agent holds, in its order.
    ///
    /// # Errors
    /// One of the [`KeyError`]s about agents.
    pub fn identities(&self) -> Result<Vec<AgentIdentity>, KeyError> {
        let answer = self.ask(&list_request(), LIST_TIMEOUT)?;
        let keys = read_list(&answer)?.into_iter();
        Ok(keys.map(|(public_key, comment)| AgentIdentity { public_key, comment }).collect())
    }

    /// A key that the agent holds.
    ///
    /// # Errors
    /// [`KeyError::AgentLacksKey`], or another of the [`KeyError`]s about agents.
    pub fn key(&self, public_key: &PublicKey) -> Result<AgentKey, KeyError> {
        if self.identities()?.iter().any(|identity| identity.public_key == *public_key) {
            Ok(AgentKey { agent: self.clone(), public_key: *public_key })
        } else {
            Err(KeyError::AgentLacksKey(fingerprint(public_key)))
        }
    }

    fn ask(&self, request: &[u8], timeout: Duration) -> Result<Vec<u8>, KeyError> {
        let failed = |source: io::Error| {
            let socket = self.socket.clone();
            match source.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                    KeyError::AgentTimeout(socket)
                }
                _ => KeyError::AgentConnection { socket, source },
            }
        };
        let mut stream = UnixStream::connect(&self.socket).map_err(failed)?;
        stream.set_read_timeout(Some(timeout)).map_err(failed)?;
        stream.set_write_timeout(Some(timeout)).map_err(failed)?;
        stream.write_all(request).map_err(failed)?;
        let mut length = [0; 4];
        stream.read_exact(&mut length).map_err(failed)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > AGENT_MESSAGE_BYTES_MAX {
            return Err(KeyError::AgentMessageTooLong(length));
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).map_err(failed)?;
        Ok(answer)
    }
}

impl AgentKey {
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public_key
    }

    /// Lets the agent sign exactly these bytes, and checks what it returns.
    ///
    /// # Errors
    /// [`KeyError::AgentRefused`], [`KeyError::AgentSignature`], or another of the [`KeyError`]s
    /// about agents.
    pub fn sign(&self, data: &[u8]) -> Result<Signature, KeyError> {
        let answer = self.agent.ask(&sign_request(&self.public_key, data), SIGN_TIMEOUT)?;
        let signature = read_signature(&answer)?;
        if verify(&self.public_key, data, &signature) {
            Ok(signature)
        } else {
            Err(KeyError::AgentSignature(fingerprint(&self.public_key)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_without_agent_is_an_error() {
        assert!(matches!(Agent::named(None), Err(KeyError::NoAgent)));
        assert!(matches!(Agent::named(Some(OsString::new())), Err(KeyError::NoAgent)));
        assert!(Agent::named(Some("/run/agent.socket".into())).is_ok());
    }

    #[test]
    fn an_agent_that_never_answers_is_given_up() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("silent.socket");
        // The kernel accepts and keeps the connection; nobody ever reads from it.
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a new socket");
        let verdict = Agent::at(&socket).ask(&list_request(), Duration::from_millis(5));
        assert!(matches!(verdict, Err(KeyError::AgentTimeout(_))), "{verdict:?}");
    }
}
