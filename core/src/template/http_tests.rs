//! Values in the parts of an HTTP request, with a reader of each part as the judge.

use proptest::prelude::*;
use serde_json::Value;

use super::tests::{assignment, params};
use super::*;
use crate::job::Params;

fn with(value: &str) -> crate::wire::Assignment {
    assignment(Params::new(), params(&[("x", value)]))
}

#[test]
fn a_value_stays_in_the_part_of_a_url_it_stands_in() {
    for (text, value, expected) in [
        ("https://a.example/{{params.x}}/end", "b c/d?e#f", "https://a.example/b%20c%2Fd%3Fe%23f/end"),
        ("https://a.example/?q={{params.x}}&r=1", "1&admin=true", "https://a.example/?q=1%26admin%3Dtrue&r=1"),
        ("https://{{params.x}}/", "evil.example@a", "https://evil.example%40a/"),
        ("https://{{params.x}}.example/", "a-b.c", "https://a-b.c.example/"),
        ("https://a.example/{{params.x}}", "报%2F\r\n", "https://a.example/%E6%8A%A5%252F%0D%0A"),
        ("{{params.x}}/end", "https://a.example/?b", "https://a.example/?b/end"),
        ("https://a.example/{{params.x}}", "...", "https://a.example/..."),
    ] {
        let assignment = with(value);
        assert_eq!(render_url(text, &Values::of(&assignment)).as_deref(), Ok(expected), "{text}");
    }
    for value in [".", ".."] {
        let assignment = with(value);
        let error = render_url("https://a.example/{{params.x}}/b", &Values::of(&assignment)).unwrap_err();
        assert!(error.to_string().contains("another folder"), "{error}");
    }
}

#[test]
fn a_value_stays_the_value_of_json_it_is_meant_to_be() {
    for (text, value, expected) in [
        (r#"{"a":"{{params.x}}"}"#, r#"b","c":"d"#, r#"{"a":"b\",\"c\":\"d"}"#),
        (r#"{"a":"1\"{{params.x}}"}"#, "\\\n\u{1}", r#"{"a":"1\"\\\n\u0001"}"#),
        (r#"{"a":{{params.x}}}"#, "17", r#"{"a":17}"#),
        (r#"{"a":{{params.x}}}"#, r#"{"b":[1,2]}"#, r#"{"a":{"b":[1,2]}}"#),
        (r#"{"a":{{params.x}}}"#, r#"1,"c":2"#, r#"{"a":"1,\"c\":2"}"#),
        (r#"{"a":{{params.x}}}"#, "tomorrow", r#"{"a":"tomorrow"}"#),
        ("{{params.x}}", r#"{"whole":true}"#, r#"{"whole":true}"#),
        (r#"["\\{{params.x}}"]"#, "\"", r#"["\\\""]"#),
    ] {
        let assignment = with(value);
        assert_eq!(render_json(text, &Values::of(&assignment)).as_deref(), Ok(expected), "{text}");
        assert_eq!(check_json(text), Ok(()));
    }
    let error = check_json(r#"{"a":"\{{params.x}}"}"#).unwrap_err().to_string();
    assert!(error.contains("right after a backslash"), "{error}");
}

proptest! {
    #[test]
    fn a_reader_of_json_finds_the_value_and_nothing_else(value in "(\\PC|[\"\\\\{},:0-9\n]){0,30}") {
        prop_assume!(!value.contains('\0'));
        let assignment = with(&value);
        let values = Values::of(&assignment);
        let rendered = render_json(r#"{"a":"x{{params.x}}y","b":{{params.x}}}"#, &values).unwrap();
        let read: Value = serde_json::from_str(&rendered).unwrap();
        prop_assert_eq!(&read["a"], &Value::from(format!("x{value}y")));
        prop_assert_eq!(read.as_object().unwrap().len(), 2);
        let own = serde_json::from_str::<Value>(&value).unwrap_or(Value::from(value));
        prop_assert_eq!(&read["b"], &own);
    }

    #[test]
    fn a_url_carries_nothing_but_its_own_separators(value in "\\PC{0,30}") {
        prop_assume!(!matches!(value.as_str(), "." | ".."));
        let assignment = with(&value);
        let rendered = render_url("h:{{params.x}}", &Values::of(&assignment)).unwrap();
        let encoded = rendered.strip_prefix("h:").unwrap();
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let mut decoded = Vec::new();
        let mut bytes = encoded.bytes();
        while let Some(byte) = bytes.next() {
            let digits = [bytes.clone().next(), bytes.clone().nth(1)];
            match (byte, digits) {
                (b'%', [Some(high), Some(low)]) => {
                    let digits = String::from_utf8(vec![high, low]).unwrap();
                    decoded.push(u8::from_str_radix(&digits, 16).unwrap());
                    bytes.nth(1);
                }
                _ => decoded.push(byte),
            }
        }
        prop_assert_eq!(String::from_utf8(decoded).unwrap(), value);
    }
}
