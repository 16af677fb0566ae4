//! JSON proof files that are none, as the text that stands in the file.

use serde_json::{Value, json};
use vouchsafe_genesis::proof_json;
use vouchsafe_types::asset::Scheme;

use crate::invalid::refusal;
use crate::world::{self, World, asset};

struct Texts {
    world: World,
    good: String,
    cases: Vec<Value>,
}

impl Texts {
    fn add(&mut self, about: &str, expected: &str, text: String) {
        let found = refusal(&self.world, text.as_bytes(), None);
        assert_eq!(found, Err(expected.to_owned()), "{about}");
        self.cases.push(json!({"about": about, "genesis": 0, "text": text, "error": expected}));
    }

    /// The good text with one thing exchanged.
    fn exchange(&mut self, about: &str, expected: &str, from: &str, to: &str) {
        assert!(self.good.contains(from), "{about}");
        self.add(about, expected, self.good.replacen(from, to, 1));
    }

    /// The good document with a member changed.
    fn change(&mut self, about: &str, expected: &str, change: impl FnOnce(&mut Value)) {
        let mut document: Value = serde_json::from_str(&self.good).expect("it is JSON");
        change(&mut document);
        self.add(about, expected, document.to_string());
    }
}

/// Every case.
pub(crate) fn all() -> Vec<Value> {
    let world = world::all().remove(0);
    let good = proof_json(&world.asset_proof(3, asset("hello", Scheme::Bytes).key(), true));
    let mut texts = Texts { world, good, cases: Vec::new() };
    syntax(&mut texts);
    shapes(&mut texts);
    parts(&mut texts);
    texts.cases
}

fn syntax(texts: &mut Texts) {
    texts.add("an empty file", "Json", String::new());
    texts.add("no JSON", "Json", "trust me".to_owned());
    texts.add("a list", "Json", "[]".to_owned());
    texts.add("an empty object", "Json", "{}".to_owned());
    texts.add("a thousand open brackets", "Json", "[".repeat(1000));
    texts.add("a thousand open objects", "Json", "{\"a\":".repeat(1000));
    let good = texts.good.clone();
    texts.add("something after the end", "Json", format!("{good}{{}}"));
    texts.add("a byte order mark", "Json", format!("\u{feff}{good}"));
    texts.add("half of it", "Json", good[..good.len() / 2].to_owned());
    texts.exchange("a comma too many", "Json", "\"older\": null,", "\"older\": null,,");
    texts.exchange("a comment", "Json", "{", "{ /* trust me */");
}

fn shapes(texts: &mut Texts) {
    let twice = "\"older\": null,\n  \"older\": null,";
    texts.exchange("a member twice", "Json", "\"older\": null,", twice);
    let chain = "\"chain_id\": \"00\",\n  \"chain_id\"";
    texts.exchange("the chain twice, the first another", "Json", "\"chain_id\"", chain);
    texts.exchange("a member missing that may be null", "Json", "\"older\": null,", "");
    texts.exchange("an unknown member", "Json", "\"older\"", "\"note\": 1,\n  \"older\"");
    texts.exchange("a number as text", "Json", "\"version\": 1", "\"version\": \"1\"");
    texts.exchange("a fraction", "Json", "\"version\": 1", "\"version\": 1.0");
    texts.exchange("a negative version", "Json", "\"version\": 1", "\"version\": -1");
    texts.exchange("version 2", "UnknownVersion", "\"version\": 1", "\"version\": 2");
    texts.exchange("another format", "Json", "\"vouchsafe-proof\"", "\"vouchsafe-prof\"");
    texts.change("a header of null", "Json", |d| d["header"] = Value::Null);
    texts.change("a header as a list", "Json", |d| d["header"] = json!([1, 2]));
    texts.change("no subject", "Json", |d| drop(d.as_object_mut().expect("one").remove("asset")));
    texts.change("a subject of null", "Json", |d| d["asset"] = Value::Null);
    texts.change("two subjects", "Json", |d| {
        d["receipt"] = json!({"transaction": "00", "inclusion": "00"});
    });
    texts.change("a subject as a list", "Json", |d| {
        let asset = d["asset"].clone();
        let names = ["scheme", "digest", "record", "state_proof", "events"];
        d["asset"] = names.iter().map(|name| asset[name].clone()).collect();
    });
    texts.change("changes as an object", "Json", |d| d["changes"] = json!({}));
    texts.change("a change without its set", "Json", |d| {
        d["changes"] = json!([{"header": "00", "certificate": "00"}]);
    });
    texts.change("no such scheme", "Json", |d| d["asset"]["scheme"] = json!("md5"));
    texts.change("events as text", "Json", |d| d["asset"]["events"] = json!("none"));
    texts.change("an event of null", "Json", |d| d["asset"]["events"] = json!([null]));
}

fn parts(texts: &mut Texts) {
    texts.change("capital digits", "Json", |d| {
        d["header"] = json!(d["header"].as_str().expect("text").to_uppercase());
    });
    texts.change("an odd number of digits", "Json", |d| {
        let text = d["header"].as_str().expect("text").to_owned();
        d["header"] = json!(text[1..]);
    });
    texts.change("letters that are no digits", "Json", |d| {
        let text = d["header"].as_str().expect("text").replacen("0", "g", 1);
        d["header"] = json!(text);
    });
    texts.change("a digest of 31 bytes", "Json", |d| {
        let text = d["asset"]["digest"].as_str().expect("text").to_owned();
        d["asset"]["digest"] = json!(text[2..]);
    });
    let mut longer = |about: &str, path: &str| {
        texts.change(about, "Part.TrailingBytes", |d| {
            let part = d.pointer_mut(path).expect("it is there");
            *part = json!(format!("{}00", part.as_str().expect("text")));
        });
    };
    longer("a certificate that goes on", "/certificate");
    longer("a record that goes on", "/asset/record");
    longer("an event that goes on", "/asset/events/0");
    texts.change("a header that goes on", "Part.TooLong", |d| {
        d["header"] = json!(format!("{}00", d["header"].as_str().expect("text")));
    });
    texts.change("a certificate of another version", "Part.UnknownVersion", |d| {
        d["certificate"] = json!(format!("02{}", &d["certificate"].as_str().expect("text")[2..]));
    });
    texts.change("an empty state proof", "Part.Malformed", |d| {
        d["asset"]["state_proof"] = json!("");
    });
    texts.change("an event left out", "IncompleteLog", |d| d["asset"]["events"] = json!([]));
    texts.change("a changed certificate", "Certificate.Signature", |d| {
        let text = d["certificate"].as_str().expect("text").to_owned();
        let last = if text.ends_with('0') { '1' } else { '0' };
        d["certificate"] = json!(format!("{}{last}", &text[..text.len() - 1]));
    });
}
