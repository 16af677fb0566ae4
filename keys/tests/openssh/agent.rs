//! A real ssh-agent, and agents that misbehave.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use vouchsafe_keys::{
    AGENT_MESSAGE_BYTES_MAX, Agent, AgentIdentity, KeyError, SecretKey, TransactionSigner,
};
use vouchsafe_types::openssh::public_key_blob;

use crate::programs::{RunningAgent, askpass, folder, keygen, text, write};
use crate::signatures::{body, chain, check, ssh_keygen_verifies};

#[test]
fn a_key_in_an_agent_signs_transactions() {
    let folder = folder();
    let askpass = askpass(folder.path());
    let running = RunningAgent::start(folder.path());
    let agent = Agent::at(&running.socket);
    assert_eq!(agent.identities().expect("running"), []);

    let (key, path) = write(folder.path(), "key", true);
    let rsa = keygen(folder.path(), "rsa", "rsa", "");
    running.ssh_add(&["-q", text(&rsa)], &askpass);
    running.ssh_add(&["-q", text(&path)], &askpass);
    let expected = AgentIdentity { public_key: key.public_key(), comment: "a comment".to_owned() };
    assert_eq!(agent.identities().expect("running"), [expected]);

    let held = agent.key(&key.public_key()).expect("added");
    let signed = held.sign_transaction(&chain(), &body()).expect("unlocked");
    check(&signed, &key.public_key());
    assert!(ssh_keygen_verifies(folder.path(), &signed));
    assert_eq!(signed, key.sign_transaction(&chain(), &body()).expect("short"));

    running.ssh_add(&["-q", "-D"], &askpass);
    assert!(matches!(agent.key(&key.public_key()), Err(KeyError::AgentLacksKey(_))));
    assert!(matches!(held.sign(b"data"), Err(KeyError::AgentRefused("sign"))));
}

#[test]
fn an_agent_that_is_gone_is_an_error() {
    let folder = folder();
    let agent = Agent::at(&folder.path().join("nothing"));
    assert!(matches!(agent.identities(), Err(KeyError::AgentConnection { .. })));
}

/// An agent that gives each connection the next of these answers, whatever it is asked.
fn liar(folder: &Path, answers: Vec<Vec<u8>>) -> (Agent, JoinHandle<()>) {
    let socket: PathBuf = folder.join("liar.socket");
    let listener = UnixListener::bind(&socket).expect("a new socket");
    let thread = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("asked");
            let mut length = [0; 4];
            stream.read_exact(&mut length).expect("a request");
            let mut request = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut request).expect("a request");
            stream.write_all(&answer).expect("still connected");
        }
    });
    (Agent::at(&socket), thread)
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_be_bytes()[..], bytes].concat()
}

#[test]
fn a_lying_agent_is_caught() {
    let folder = folder();
    let key = SecretKey::generate().expect("random bytes");
    let listed =
        [&[12, 0, 0, 0, 1][..], &string(&public_key_blob(&key.public_key())), &string(b"comment")]
            .concat();
    let other = key.sign(b"other data").0;
    let inner = [string(b"ssh-ed25519"), string(&other)].concat();
    let forged = [&[14][..], &string(&inner)].concat();
    let too_long = u32::try_from(AGENT_MESSAGE_BYTES_MAX + 1).expect("short").to_be_bytes();
    let answers = vec![
        string(&listed),
        string(&forged),
        string(&[5]),
        too_long.to_vec(),
        string(&listed)[..20].to_vec(),
        string(&[]),
    ];
    let (agent, thread) = liar(folder.path(), answers);
    let held = agent.key(&key.public_key()).expect("listed");
    assert!(matches!(held.sign(b"data"), Err(KeyError::AgentSignature(_))));
    assert!(matches!(held.sign(b"data"), Err(KeyError::AgentRefused(_))));
    assert!(matches!(held.sign(b"data"), Err(KeyError::AgentMessageTooLong(_))));
    assert!(matches!(agent.identities(), Err(KeyError::AgentConnection { .. })));
    assert!(matches!(agent.identities(), Err(KeyError::AgentFraming(_))));
    thread.join().expect("every answer was asked for");
}
