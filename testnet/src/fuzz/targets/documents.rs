//! Documents that people hand to each other: genesis documents, member files, addresses, peer
//! ids.

use serde_json::Value;
use vouchsafe_genesis::{Genesis, Member, parse_address, parse_peer_id, public_key_of};

use crate::fuzz::chain::founding;
use crate::fuzz::target::{Answer, Prepared, Target, must};
use crate::fuzz::vectors;

/// The documents.
pub(super) const TARGETS: [Target; 4] = [
    Target {
        name: "genesis",
        property: "a document that is read means what any JSON program makes of it, byte for byte, \
                   and is the same when it is printed and read again",
        everyday_inputs: 1_200,
        prepare: genesis_document,
    },
    Target {
        name: "member",
        property: "a member file that is read is the same when it is printed and read again",
        everyday_inputs: 1_200,
        prepare: member_file,
    },
    Target {
        name: "address",
        property: "an address that is read is the same when it is printed and read again",
        everyday_inputs: 5_000,
        prepare: address,
    },
    Target {
        name: "peer-id",
        property: "a peer id that is read has one text, and holds an admissible key",
        everyday_inputs: 5_000,
        prepare: peer_id,
    },
];

fn json_words() -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "0",
        "1",
        "-1",
        "1e3",
        "1.0",
        "\"1\"",
        "\"01\"",
        "\"18446744073709551616\"",
        "\\u0000",
        "\\ud800",
        "\u{feff}",
        " ",
        "\n",
        "\"not_after_ms\":\"1900000000000\",",
        "\"version\":1,",
        "\"version\":2,",
        "[]",
        "{}",
    ]
    .iter()
    .map(|word| word.as_bytes().to_vec())
    .collect();
    words.extend(
        vectors::texts().into_iter().filter(|text| text.len() < 128).map(String::into_bytes),
    );
    words
}

/// What RFC 8785 makes of a document whose numbers are small and whose names are ASCII: serde_json
/// keeps objects sorted and escapes as the RFC does.
fn canonical(bytes: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    serde_json::to_vec(&value).ok()
}

fn genesis_document() -> Prepared {
    let mut seeds: Vec<_> = [1, 4]
        .iter()
        .flat_map(|count| {
            let genesis = founding(*count).genesis;
            [genesis.to_pretty_json().into_bytes(), genesis.canonical_json()]
        })
        .collect();
    let vector = vectors::texts().into_iter().filter(|text| text.starts_with('{'));
    seeds.extend(vector.map(String::into_bytes));
    Prepared {
        seeds,
        words: json_words(),
        check: Box::new(|input| {
            let genesis = match Genesis::parse(input) {
                Ok(genesis) => genesis,
                Err(error) => return Ok(Answer::Refused(error.to_string())),
            };
            let hashed = genesis.canonical_json();
            must(canonical(input).as_ref() == Some(&hashed), "other bytes are hashed")?;
            for text in [genesis.to_pretty_json().into_bytes(), hashed] {
                must(Genesis::parse(&text).as_ref() == Ok(&genesis), "printed, it is another")?;
            }
            Ok(Answer::Read(format!("{:?}", genesis.organizations())))
        }),
    }
}

fn member_file() -> Prepared {
    let document: Value =
        serde_json::from_str(&founding(4).genesis.to_pretty_json()).expect("it was just printed");
    let own = |list: &Value, id: &Value| {
        let mine = list.as_array().into_iter().flatten();
        mine.filter(|entry| entry["organization"] == *id).cloned().collect::<Vec<_>>()
    };
    let organizations = document["organizations"].as_array().cloned().unwrap_or_default();
    let member = |organization: &Value| {
        let validators = own(&document["validators"], &organization["id"]);
        let mut file = serde_json::Map::new();
        file.insert("version".to_owned(), 1.into());
        file.insert("organization".to_owned(), organization.clone());
        file.insert("validators".to_owned(), validators.into());
        file.insert("observers".to_owned(), Value::Array(vec![]));
        Value::Object(file).to_string().into_bytes()
    };
    Prepared {
        seeds: organizations.iter().map(member).collect(),
        words: json_words(),
        check: Box::new(|input| match Member::parse(input) {
            Ok(member) => {
                let text = member.to_pretty_json();
                must(canonical(input) == canonical(text.as_bytes()), "printed, it means another")?;
                let again = Member::parse(text.as_bytes());
                must(again.as_ref() == Ok(&member), "printed, it is another")?;
                Ok(Answer::Read(format!("{member:?}")))
            }
            Err(error) => Ok(Answer::Refused(error.to_string())),
        }),
    }
}

fn words_of(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn address() -> Prepared {
    let texts = ["/ip4/192.0.2.1/tcp/26656", "/ip6/2001:db8::1/tcp/1", "/ip6/::ffff:1.2.3.4/tcp/9"];
    let words = ["/ip4/", "/ip6/", "/tcp/", "/dns/", "/udp/", "/p2p/", "/quic", "0", "65536", "::"];
    Prepared {
        seeds: words_of(&texts),
        words: words_of(&words),
        check: Box::new(|input| {
            let Ok(text) = std::str::from_utf8(input) else {
                return Ok(Answer::Refused("not text".to_owned()));
            };
            match parse_address(text) {
                Ok(address) => {
                    let again = parse_address(&address.to_string());
                    must(again.as_ref() == Ok(&address), "printed, it is another")?;
                    Ok(Answer::Read("address".to_owned()))
                }
                Err(error) => Ok(Answer::Refused(format!("{error:?}"))),
            }
        }),
    }
}

fn peer_id() -> Prepared {
    let genesis = founding(4).genesis;
    let seeds = genesis.peers().map(|(id, _, _)| id.to_string().into_bytes()).collect();
    Prepared {
        seeds,
        words: words_of(&["12D3KooW", "Qm", "bafz", "1"]),
        check: Box::new(|input| {
            let Ok(text) = std::str::from_utf8(input) else {
                return Ok(Answer::Refused("not text".to_owned()));
            };
            match parse_peer_id(text) {
                Ok(id) => {
                    must(id.to_string() == text, "two texts are one peer id")?;
                    let key = public_key_of(&id).map_err(|error| error.to_string())?;
                    must(key.check().is_ok(), "its key is not admissible")?;
                    Ok(Answer::Read("peer id".to_owned()))
                }
                Err(error) => Ok(Answer::Refused(format!("{error:?}"))),
            }
        }),
    }
}
