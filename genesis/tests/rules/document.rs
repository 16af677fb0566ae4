//! The rules of the documents' form.

use crate::sample::{acme, genesis, json, refusal};
use serde_json::{Value, json as value};
use vouchsafe_genesis::{
    DOCUMENT_BYTES_MAX, DocumentError, Genesis, GenesisError, Member, MemberError, ParameterError,
    TIME_MS_MAX,
};

fn document_refusal(text: &str) -> DocumentError {
    match Genesis::parse(text.as_bytes()) {
        Err(GenesisError::Document(error)) => error,
        other => panic!("another verdict: {other:?}"),
    }
}

/// JSON with every object's fields in reverse and blanks wherever they may stand.
fn rewritten(json: &Value) -> String {
    match json {
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .rev()
                .map(|(name, field)| format!("\t\"{name}\" :\r\n {}", rewritten(field)))
                .collect();
            format!("{{ {} }}", fields.join(" ,"))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(rewritten).collect();
            format!("[\n{} ]", items.join("\n\n,"))
        }
        other => other.to_string().replace('/', "\\/"),
    }
}

#[test]
fn whitespace_and_field_order_do_not_change_the_chain_id() {
    let expected = genesis();
    for text in [expected.to_pretty_json(), json().to_string(), rewritten(&json())] {
        let parsed = Genesis::parse(text.as_bytes()).expect("valid");
        assert_eq!(parsed, expected);
        assert_eq!(parsed.chain_id(), expected.chain_id());
    }
    assert_ne!(rewritten(&json()), json().to_string());
}

#[test]
fn what_is_hashed_is_the_rfc_8785_form_of_the_file_itself() {
    let genesis = genesis();
    let written: Value = serde_json::from_str(&genesis.to_pretty_json()).expect("JSON");
    let canonical = serde_json_canonicalizer::to_vec(&written).expect("JSON");
    assert_eq!(canonical, genesis.canonical_json());
    assert_eq!(Genesis::parse(&canonical).expect("valid").chain_id(), genesis.chain_id());
}

#[test]
fn a_document_over_its_size_is_refused_before_it_is_read() {
    let mut text = genesis().to_pretty_json();
    text.push_str(&" ".repeat(DOCUMENT_BYTES_MAX - text.len()));
    assert!(Genesis::parse(text.as_bytes()).is_ok());
    text.push(' ');
    assert_eq!(document_refusal(&text), DocumentError::TooLong(DOCUMENT_BYTES_MAX + 1));
}

#[test]
fn malformed_json_is_refused_with_its_place() {
    let error = document_refusal("{\n  \"version\": 1,\n  oops\n}");
    assert!(matches!(error, DocumentError::Syntax { line: 3, column: 3, .. }), "{error:?}");
    assert!(matches!(document_refusal(""), DocumentError::Syntax { .. }));
    let trailing = genesis().to_pretty_json() + "{}";
    assert!(matches!(document_refusal(&trailing), DocumentError::Syntax { .. }));
    assert!(matches!(
        Genesis::parse(b"{\"version\": 1, \"chain_name\": \"\xff\"}"),
        Err(GenesisError::Document(DocumentError::Syntax { .. }))
    ));
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    for opening in ["[", "{\"version\":", "{\"a\":"] {
        let deep = opening.repeat(DOCUMENT_BYTES_MAX / opening.len());
        Genesis::parse(deep.as_bytes()).expect_err("nonsense");
        let field = format!("{{\"version\":1,\"chain_name\":{}", opening.repeat(100_000));
        Genesis::parse(field.as_bytes()).expect_err("nonsense");
    }
}

#[test]
fn an_unknown_version_is_refused_whatever_else_it_holds() {
    assert_eq!(
        document_refusal("{\"shape\": {\"of\": [\"tomorrow\"]}, \"version\": 2}"),
        DocumentError::UnknownVersion(2)
    );
    assert!(matches!(document_refusal("{}"), DocumentError::MissingField { .. }));
}

#[test]
fn an_unknown_field_is_refused_everywhere() {
    let pointers = [
        "",
        "/parameters",
        "/organizations/0",
        "/organizations/0/signers/0",
        "/validators/0",
        "/observers/0",
    ];
    for pointer in pointers {
        let error = refusal(|json| {
            json.pointer_mut(pointer).expect("there")["comment"] = "hello".into();
        });
        assert!(
            matches!(&error, GenesisError::Document(DocumentError::UnknownField { cause, .. })
                if cause.contains("comment")),
            "{pointer}: {error}"
        );
    }
}

#[test]
fn a_duplicate_field_is_refused() {
    let text = genesis().to_pretty_json();
    for field in ["\"version\": 1,", "\"admin_threshold\": 2,", "\"heartbeat_ms\": \"10000\","] {
        assert!(text.contains(field));
        let doubled = text.replacen(field, &format!("{field}{field}"), 1);
        let error = document_refusal(&doubled);
        assert!(matches!(error, DocumentError::DuplicateField { .. }), "{field}: {error}");
    }
}

#[test]
fn a_missing_field_is_refused_and_has_no_default() {
    for (parent, field) in [("", "observers"), ("/parameters", "heartbeat_ms")] {
        let error = refusal(|json| {
            let object = json.pointer_mut(parent).expect("there").as_object_mut();
            object.expect("an object").remove(field);
        });
        assert!(
            matches!(&error, GenesisError::Document(DocumentError::MissingField { cause, .. })
                if cause.contains(field)),
            "{error}"
        );
    }
}

#[test]
fn a_64_bit_integer_is_a_decimal_string_in_one_form() {
    let pointers = [
        "/genesis_time_ms",
        "/parameters/heartbeat_ms",
        "/validators/0/power",
        "/organizations/0/signers/0/not_after_ms",
    ];
    let wrong = [
        value!(10_000),
        value!(-1),
        value!(1.5),
        value!("010000"),
        value!("+10000"),
        value!(" 10000"),
        value!("1e4"),
        value!(""),
        value!("18446744073709551616"),
    ];
    for pointer in pointers {
        for wrong in &wrong {
            let error = refusal(|json| {
                *json.pointer_mut(pointer).expect("there") = wrong.clone();
            });
            assert!(
                matches!(error, GenesisError::Document(DocumentError::NotADecimalString { .. })),
                "{pointer} = {wrong}: {error}"
            );
        }
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    for (pointer, wrong) in [
        ("/chain_name", value!(5)),
        ("/organizations", value!({})),
        ("/organizations/0/admin_threshold", value!("2")),
        ("/organizations/0/admin_threshold", value!(2.0)),
        ("/organizations/0/admin_threshold", value!(1u64 << 32)),
        ("/organizations/0/signers/0/role", value!("owner")),
        ("/organizations/0/signers/0/not_after_ms", Value::Null),
    ] {
        let error = refusal(|json| *json.pointer_mut(pointer).expect("there") = wrong.clone());
        assert!(
            matches!(error, GenesisError::Document(DocumentError::Shape { .. })),
            "{pointer} = {wrong}: {error}"
        );
    }
}

#[test]
fn other_spellings_of_the_same_document_are_refused() {
    // serde would take an array for an object and an object for a unit variant.
    let as_array = refusal(|json| {
        let observer = &mut json["observers"][0];
        *observer = value!([observer["organization"], observer["peer_id"]]);
    });
    assert_eq!(as_array, GenesisError::Document(DocumentError::NotNormal));
    let as_object = refusal(|json| {
        let role = &mut json["organizations"][0]["signers"][0]["role"];
        *role = value!({"signer": null});
    });
    assert_eq!(as_object, GenesisError::Document(DocumentError::NotNormal));
}

#[test]
fn a_chain_name_keeps_to_its_alphabet_and_length() {
    let long = "x".repeat(65);
    for bad in ["", "a/b", "é", "tab\there", long.as_str()] {
        let error = refusal(|json| json["chain_name"] = bad.into());
        assert!(matches!(error, GenesisError::ChainName(_)), "{bad}: {error}");
    }
}

#[test]
fn a_genesis_time_is_in_milliseconds() {
    // At the last date itself no block could come after it.
    for late in [TIME_MS_MAX, TIME_MS_MAX + 1] {
        let error = refusal(|json| json["genesis_time_ms"] = late.to_string().into());
        assert_eq!(error, GenesisError::GenesisTime(late));
    }
}

#[test]
fn a_parameter_out_of_bounds_is_refused() {
    let error = refusal(|json| json["parameters"]["heartbeat_ms"] = "999".into());
    assert_eq!(error, GenesisError::Parameter(ParameterError::Heartbeat(999)));
}

#[test]
fn a_member_file_is_read_back_and_is_not_a_genesis_document() {
    let text = acme().to_pretty_json();
    assert_eq!(Member::parse(text.as_bytes()), Ok(acme()));
    assert!(matches!(document_refusal(&text), DocumentError::UnknownField { .. }));
    assert!(matches!(
        Member::parse(genesis().to_pretty_json().as_bytes()),
        Err(MemberError::Document(DocumentError::UnknownField { .. }))
    ));
}
