//! The two messages of the ssh-agent protocol that are needed (draft-miller-ssh-agent §3): list
//! the keys, sign with one.
//!
//! ```text
//! message  = u32 length ‖ byte type ‖ contents
//! list     = 11                              ──▶ 12 ‖ u32 n ‖ n × (string key ‖ string comment)
//! sign     = 13 ‖ string key ‖ string data ‖ u32 flags ──▶ 14 ‖ string signature
//! failure  = 5
//! ```

use vouchsafe_types::identity::{PublicKey, SIGNATURE_BYTES, Signature};
use vouchsafe_types::openssh::{KEY_TYPE, parse_public_key_blob, public_key_blob};

use crate::error::KeyError;
use crate::limits::AGENT_IDENTITIES_MAX;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

fn framed(contents: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(contents.len() + 4);
    put_string(&mut message, contents);
    message
}

/// Appends an RFC 4251 `string`; a whole message is framed the same way.
fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("requests are shorter than 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take_number(rest: &mut &[u8], what: &'static str) -> Result<usize, KeyError> {
    let (number, after) = rest.split_first_chunk::<4>().ok_or(KeyError::AgentFraming(what))?;
    *rest = after;
    Ok(u32::from_be_bytes(*number) as usize)
}

fn take_string<'a>(rest: &mut &'a [u8], what: &'static str) -> Result<&'a [u8], KeyError> {
    let length = take_number(rest, what)?;
    let (string, after) = rest.split_at_checked(length).ok_or(KeyError::AgentFraming(what))?;
    *rest = after;
    Ok(string)
}

fn finished(rest: &[u8]) -> Result<(), KeyError> {
    if rest.is_empty() { Ok(()) } else { Err(KeyError::AgentFraming("end")) }
}

/// Takes the type off an answer's contents.
fn contents<'a>(
    answer: &'a [u8],
    expected: u8,
    action: &'static str,
) -> Result<&'a [u8], KeyError> {
    match answer.split_first() {
        Some((found, rest)) if *found == expected => Ok(rest),
        Some((&FAILURE, _)) => Err(KeyError::AgentRefused(action)),
        _ => Err(KeyError::AgentFraming("message type")),
    }
}

/// The request to list the keys.
pub(crate) fn list_request() -> Vec<u8> {
    framed(&[REQUEST_IDENTITIES])
}

/// The request to sign.
pub(crate) fn sign_request(key: &PublicKey, data: &[u8]) -> Vec<u8> {
    let mut contents = vec![SIGN_REQUEST];
    put_string(&mut contents, &public_key_blob(key));
    put_string(&mut contents, data);
    contents.extend_from_slice(&0u32.to_be_bytes());
    framed(&contents)
}

/// The Ed25519 keys of a list's answer, with their comments; other types cannot sign here.
pub(crate) fn read_list(answer: &[u8]) -> Result<Vec<(PublicKey, String)>, KeyError> {
    let mut rest = contents(answer, IDENTITIES_ANSWER, "list its keys")?;
    let count = take_number(&mut rest, "number of keys")?;
    if count > AGENT_IDENTITIES_MAX {
        return Err(KeyError::AgentTooManyIdentities(count));
    }
    let mut keys = Vec::new();
    for _ in 0..count {
        let blob = take_string(&mut rest, "key")?;
        let comment = take_string(&mut rest, "comment")?;
        if let Ok(key) = parse_public_key_blob(blob) {
            keys.push((key, String::from_utf8_lossy(comment).into_owned()));
        }
    }
    finished(rest)?;
    Ok(keys)
}

/// The signature of a sign request's answer. It is not verified here.
pub(crate) fn read_signature(answer: &[u8]) -> Result<Signature, KeyError> {
    let mut rest = contents(answer, SIGN_RESPONSE, "sign")?;
    let mut blob = take_string(&mut rest, "signature")?;
    finished(rest)?;
    if take_string(&mut blob, "signature type")? != KEY_TYPE.as_bytes() {
        return Err(KeyError::AgentFraming("signature type"));
    }
    let bytes = take_string(&mut blob, "signature bytes")?;
    finished(blob)?;
    let bytes: [u8; SIGNATURE_BYTES] =
        bytes.try_into().map_err(|_| KeyError::AgentFraming("signature length"))?;
    Ok(Signature(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = vec![kind];
        for part in parts {
            put_string(&mut message, part);
        }
        message
    }

    #[test]
    fn a_refusal_is_told_from_a_damaged_answer() {
        assert!(matches!(read_list(&[FAILURE]), Err(KeyError::AgentRefused(_))));
        assert!(matches!(read_signature(&[FAILURE]), Err(KeyError::AgentRefused("sign"))));
        assert!(matches!(read_list(&[]), Err(KeyError::AgentFraming("message type"))));
        assert!(matches!(read_signature(&[99]), Err(KeyError::AgentFraming("message type"))));
    }

    #[test]
    fn a_list_is_bounded_and_complete() {
        let many = [&[IDENTITIES_ANSWER][..], &2049u32.to_be_bytes()].concat();
        assert!(matches!(read_list(&many), Err(KeyError::AgentTooManyIdentities(2049))));
        let missing = [&[IDENTITIES_ANSWER][..], &1u32.to_be_bytes()].concat();
        assert!(matches!(read_list(&missing), Err(KeyError::AgentFraming("key"))));
        let beyond = [&missing[..], &[255; 4]].concat();
        assert!(matches!(read_list(&beyond), Err(KeyError::AgentFraming("key"))));
        let trailing = [&[IDENTITIES_ANSWER][..], &0u32.to_be_bytes(), &[1]].concat();
        assert!(matches!(read_list(&trailing), Err(KeyError::AgentFraming("end"))));
    }

    #[test]
    fn keys_of_other_types_are_left_out_of_a_list() {
        let ours = crate::secret_key::SecretKey::from_seed(&[1; 32]).public_key();
        let mut answer = vec![IDENTITIES_ANSWER];
        answer.extend_from_slice(&2u32.to_be_bytes());
        let mut rsa = Vec::new();
        put_string(&mut rsa, b"ssh-rsa");
        for part in [&rsa[..], b"old", &public_key_blob(&ours), b"new"] {
            put_string(&mut answer, part);
        }
        assert_eq!(read_list(&answer).expect("complete"), [(ours, "new".to_owned())]);
    }

    #[test]
    fn a_signature_answer_has_one_form() {
        let blob = |kind: &[u8], bytes: &[u8]| strings(0, &[kind, bytes])[1..].to_vec();
        let answer = |blob: &[u8]| strings(SIGN_RESPONSE, &[blob]);
        let good = answer(&blob(b"ssh-ed25519", &[7; 64]));
        assert_eq!(read_signature(&good).expect("complete"), Signature([7; 64]));
        for (damaged, what) in [
            (answer(&blob(b"ssh-rsa", &[7; 64])), "signature type"),
            (answer(&blob(b"ssh-ed25519", &[7; 63])), "signature length"),
            (answer(&[blob(b"ssh-ed25519", &[7; 64]), vec![0]].concat()), "end"),
            ([&good[..], &[0]].concat(), "end"),
            (good[..good.len() - 1].to_vec(), "signature"),
        ] {
            assert!(
                matches!(read_signature(&damaged), Err(KeyError::AgentFraming(found)) if found == what),
                "{what}"
            );
        }
    }
}
