//! Two descriptions of an interface, and what of the earlier one does not hold in the later one.
//!
//! What clients say and what they are answered are judged differently: they may be asked for less than before, and
//! answered more, but not the other way round.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::rule::Breach;

/// What of `recorded` does not hold in `today`.
pub(crate) fn breaches(recorded: &Value, today: &Value) -> Vec<Breach> {
    let mut comparison = Comparison { recorded, today, seen: BTreeSet::new(), breaches: Vec::new() };
    for (path, methods) in object(&recorded["paths"]) {
        for (method, operation) in object(methods) {
            let part = format!("{} {path}", method.to_uppercase());
            match today["paths"][path].get(method) {
                Some(now) => comparison.operation(&part, operation, now),
                None => comparison.breach(&part, "it is gone"),
            }
        }
    }
    comparison.breaches
}

/// Who writes what a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Client,
    Node,
}

struct Comparison<'a> {
    recorded: &'a Value,
    today: &'a Value,
    /// The named schemas that were compared, as who writes them.
    seen: BTreeSet<(&'a str, By)>,
    breaches: Vec<Breach>,
}

impl<'a> Comparison<'a> {
    fn breach(&mut self, part: &str, how: impl Into<String>) {
        self.breaches.push(Breach::new(part, how));
    }

    fn operation(&mut self, part: &str, was: &'a Value, is: &'a Value) {
        self.parameters(part, &was["parameters"], &is["parameters"]);
        match (was.get("requestBody"), is.get("requestBody")) {
            (Some(was), Some(is)) => self.content(part, By::Client, was, is),
            (None, Some(now)) if now["required"] == true => self.breach(part, "it needs a body now"),
            (Some(_), None) => self.breach(part, "it takes no body any more"),
            _ => {}
        }
        for (status, answer) in object(&was["responses"]) {
            let part = format!("{part} {status}");
            match is["responses"].get(status) {
                Some(now) => self.content(&part, By::Node, answer, now),
                None => self.breach(&part, "it is not answered any more"),
            }
        }
    }

    fn parameters(&mut self, part: &str, was: &'a Value, is: &'a Value) {
        let is_same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        for parameter in list(was) {
            let part = format!("{part} ?{}", word(&parameter["name"]));
            let Some(now) = list(is).iter().find(|other| is_same(parameter, other)) else {
                self.breach(&part, "it is gone");
                continue;
            };
            if now["required"] == true && parameter["required"] != true {
                self.breach(&part, "it must be given now");
            }
            self.schema(&part, By::Client, &parameter["schema"], &now["schema"]);
        }
        for parameter in list(is).iter().filter(|parameter| parameter["required"] == true) {
            if !list(was).iter().any(|other| is_same(parameter, other)) {
                self.breach(&format!("{part} ?{}", word(&parameter["name"])), "it is new, and must be given");
            }
        }
    }

    fn content(&mut self, part: &str, by: By, was: &'a Value, is: &'a Value) {
        for (kind, content) in object(&was["content"]) {
            match is["content"].get(kind) {
                Some(now) => self.schema(part, by, &content["schema"], &now["schema"]),
                None => self.breach(part, format!("it is not {kind} any more")),
            }
        }
    }

    fn schema(&mut self, part: &str, by: By, was: &'a Value, is: &'a Value) {
        if let Some(name) = was["$ref"].as_str()
            && !self.seen.insert((name, by))
        {
            return;
        }
        let (was, is) = (named(self.recorded, was), named(self.today, is));
        self.types(part, by, was, is);
        self.properties(part, by, was, is);
        for key in ["items", "additionalProperties"] {
            if was[key].is_object() {
                self.schema(&format!("{part}.{key}"), by, &was[key], &is[key]);
            }
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for (index, choice) in list(&was[key]).iter().enumerate() {
                self.schema(&format!("{part}.{index}"), by, choice, is[key].get(index).unwrap_or(&Value::Null));
            }
        }
    }

    fn types(&mut self, part: &str, by: By, was: &Value, is: &Value) {
        let (types_were, types_are) = (words(&was["type"]), words(&is["type"]));
        let is_kept = match by {
            By::Client => types_were.is_subset(&types_are) || types_are.is_empty(),
            By::Node => types_are.is_subset(&types_were) && (types_were.is_empty() || !types_are.is_empty()),
        };
        if !is_kept {
            self.breach(part, format!("it was {types_were:?}, and is {types_are:?}"));
        }
        if !was["format"].is_null() && was["format"] != is["format"] {
            self.breach(part, format!("its format was {}, and is {}", was["format"], is["format"]));
        }
        for gone in words(&was["enum"]).difference(&words(&is["enum"])) {
            self.breach(part, format!("the word `{gone}` is gone"));
        }
    }

    fn properties(&mut self, part: &str, by: By, was: &'a Value, is: &'a Value) {
        for (name, property) in object(&was["properties"]) {
            let part = format!("{part}.{name}");
            match is["properties"].get(name) {
                Some(now) => self.schema(&part, by, property, now),
                None => self.breach(&part, "it is gone"),
            }
        }
        let (needed, needed_now) = (words(&was["required"]), words(&is["required"]));
        let (names, how) = match by {
            By::Client => (needed_now.difference(&needed), "it must be given now"),
            By::Node => (needed.difference(&needed_now), "it may be absent now"),
        };
        for name in names.filter(|name| by == By::Client || !is["properties"][**name].is_null()) {
            self.breach(&format!("{part}.{name}"), how);
        }
    }
}

/// What a reference refers to.
fn named<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(place) = schema["$ref"].as_str() else { return schema };
    document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// One word, or several.
fn words(value: &Value) -> BTreeSet<&str> {
    value.as_str().into_iter().chain(list(value).iter().filter_map(Value::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An interface with one path, whose body and answer are of one schema.
    fn interface(parameters: &Value, schema: &Value) -> Value {
        let content =
            json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } } });
        let operation = json!({ "parameters": parameters, "requestBody": content, "responses": { "200": content } });
        json!({ "paths": { "/jobs": { "put": operation } }, "components": { "schemas": { "Job": schema } } })
    }

    #[test]
    fn more_may_be_answered_and_less_asked_for_but_not_the_other_way_round() {
        let text = json!({ "type": "string" });
        let parameters = json!([{ "name": "limit", "in": "query", "schema": text }]);
        let schema = json!({ "type": "object", "required": ["name"], "properties": { "name": text, "state": { "enum": ["a", "b"] } } });
        let recorded = interface(&parameters, &schema);
        let changed = |pointer: &str, to: Value| {
            let mut today = recorded.clone();
            *today.pointer_mut(pointer).unwrap() = to;
            breaches(&recorded, &today).into_iter().map(|breach| breach.part).collect::<Vec<_>>()
        };
        let at = "/components/schemas/Job/";
        let cases: [(String, Value, &[&str]); 8] = [
            ("/paths".to_owned(), json!({}), &["PUT /jobs"]),
            ("/paths/~1jobs/put/parameters".to_owned(), json!([]), &["PUT /jobs ?limit"]),
            ("/paths/~1jobs/put/responses".to_owned(), json!({}), &["PUT /jobs 200"]),
            (format!("{at}required"), json!([]), &["PUT /jobs 200.name"]),
            (format!("{at}required"), json!(["name", "state"]), &["PUT /jobs.state"]),
            (format!("{at}properties/name/type"), json!("integer"), &["PUT /jobs.name", "PUT /jobs 200.name"]),
            (format!("{at}properties/state/enum"), json!(["b", "c"]), &["PUT /jobs.state", "PUT /jobs 200.state"]),
            (format!("{at}properties/state/enum"), json!(["a", "b", "c"]), &[]),
        ];
        for (pointer, to, parts) in cases {
            assert_eq!(changed(&pointer, to), parts, "{pointer}");
        }
        let more = json!([{ "name": "limit", "in": "query", "schema": text }, { "name": "x", "in": "query", "required": true, "schema": text }]);
        assert_eq!(changed("/paths/~1jobs/put/parameters", more), ["PUT /jobs ?x"]);
    }
}
