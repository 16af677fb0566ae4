//! The frozen vector: whoever implements the format again must reach the same chain id.

use serde_json::Value;
use vouchsafe_genesis::Genesis;

#[test]
fn the_frozen_vector_has_its_canonical_form_and_chain_id() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/genesis.json");
    let vector: Value =
        serde_json::from_slice(&std::fs::read(path).expect("the vector is there")).expect("JSON");
    let document = vector["document"].to_string();
    let genesis = Genesis::parse(document.as_bytes()).expect("valid");
    let canonical = String::from_utf8(genesis.canonical_json()).expect("JSON is UTF-8");
    assert_eq!(Some(canonical.as_str()), vector["canonical"].as_str());
    assert_eq!(Some(genesis.chain_id().to_string().as_str()), vector["chain_id"].as_str());
    assert_eq!(genesis, crate::sample::genesis());
}

/// RFC 8785 §3.2.2 to §3.2.4: the standard's own example.
#[test]
fn canonical_json_is_that_of_rfc_8785() {
    let input = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let value: Value = serde_json::from_str(input).expect("JSON");
    let canonical = serde_json_canonicalizer::to_string(&value).expect("JSON");
    let expected = concat!(
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
        r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#
    );
    assert_eq!(canonical, expected);
}
