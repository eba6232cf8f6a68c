//! What nodes and clients send each other, and what a node says of itself in the register.
//!
//! ```text
//!   recorded bytes ──▶ read today ──▶ the value that is recorded beside them     (the newer one reads the older one)
//!                          │
//!                          ▼
//!                  written today ──▶ has every part of the recorded bytes        (the older one reads the newer one)
//! ```
//!
//! Sections are compared byte by byte: whoever reads one knows its form by heart. JSON is compared field by field.

use cronbus_adapters::vault::Vault;
use cronbus_core::alert::Event;
use cronbus_core::port::membership::Member;
use cronbus_core::secret::{Secret, SecretName};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Message;
use cronbus_core::wire::encoding::{decode, encode};
use cronbus_core::wire::submission::{self, Answer, What};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::release::Release;
use crate::rule::{Breach, Rule, losses};
use crate::samples;

const READ: Rule = Rule {
    about: "messages",
    says: "a node reads what nodes of the release before send, and takes it for the same",
    instead: "give a new field a default, which is what those meant who do not know it; read a section of the old tag \
              beside one of the new",
};

const WRITTEN: Rule = Rule {
    about: "messages",
    says: "nodes of the release before read what is sent now: all that they need is in there, in the form they know",
    instead: "write what is new beside what there is: another field, or a section with a tag of its own, and go on \
              writing the old one for a release. Then name it in taken-away.toml",
};

/// Where the messages are: each as bytes, and as the value that they stand for.
const FOLDER: &str = "messages";

/// The key under which samples are sealed.
const KEY: [u8; 32] = [0x42; 32];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_lines(hex: &str) -> String {
    hex.as_bytes().chunks(80).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The parts of a content that a reader takes one by one: fields of JSON, or sections by their tags.
fn parts(content: &[u8]) -> Value {
    let (kind, mut rest) = content.split_first().unwrap();
    if *kind == 0 {
        return json!({ "kind": kind, "json": serde_json::from_slice::<Value>(rest).unwrap() });
    }
    let mut sections = Map::new();
    while let Some((tag, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk::<4>().unwrap();
        let (section, after) = after.split_at(u32::from_be_bytes(*length).try_into().unwrap());
        sections.insert(tag.to_string(), hex(section).into());
        rest = after;
    }
    json!({ "kind": kind, "section": sections })
}

/// What both rules say of one message.
fn check(release: &Release, name: &str, content: &[u8], recorded: &Value) {
    let decoded = match decode(content) {
        Ok(decoded) => decoded,
        Err(error) => return READ.hold(release, vec![Breach::new(name, error.to_string())]),
    };
    READ.hold(release, decoded.left_out.into_iter().map(|why| Breach::new(name, why)).collect());
    READ.hold(release, losses(name, recorded, &serde_json::to_value(&decoded.message).unwrap()));
    let written = encode(&decoded.message).unwrap();
    WRITTEN.hold(release, losses(name, &parts(content), &parts(&written)));
}

#[test]
fn messages_between_nodes_are_read_in_both_directions() {
    for release in Release::all() {
        for file in release.files(FOLDER, "", ".hex") {
            let name = file.trim_end_matches(".hex");
            let content = bytes(&release.text(&format!("{FOLDER}/{file}")));
            check(&release, name, &content, &release.json(&format!("{FOLDER}/{name}.json")));
        }
    }
}

/// A value of today that is the recorded one, and has all that it had when it is written again.
fn check_json<T: Serialize + DeserializeOwned>(release: &Release, file: &str) {
    let recorded = release.json(file);
    let name = file.trim_end_matches(".json");
    match serde_json::from_value::<T>(recorded.clone()) {
        Ok(value) => WRITTEN.hold(release, losses(name, &recorded, &serde_json::to_value(value).unwrap())),
        Err(error) => READ.hold(release, vec![Breach::new(name, error.to_string())]),
    }
}

#[test]
fn records_of_the_register_events_and_answers_are_read_in_both_directions() {
    for release in Release::all() {
        check_json::<Member>(&release, "member.json");
        check_json::<Vec<Event>>(&release, "events.json");
        check_json::<Vec<Answer>>(&release, "answers.json");
    }
}

/// What a submission is taken for.
fn taken_for(payload: &Value) -> Value {
    match submission::read(payload.to_string().as_bytes(), Timestamp::from_seconds(1_790_000_000)) {
        Ok(submission) => {
            let what = match submission.what {
                What::Job(name) => json!({ "job": name }),
                What::Command(definition) => json!({ "command": definition }),
            };
            json!({ "what": what, "params": submission.params, "idempotency_key": submission.idempotency_key })
        }
        Err(fault) => json!({ "error": fault }),
    }
}

#[test]
fn submissions_are_taken_for_what_they_were_and_become_the_same_jobs() {
    for release in Release::all() {
        for (index, recorded) in release.json("submissions.json").as_array().unwrap().iter().enumerate() {
            let name = format!("submissions.{index}");
            READ.hold(&release, losses(&name, &recorded["taken_for"], &taken_for(&recorded["payload"])));
        }
    }
}

#[test]
fn seals_of_earlier_releases_are_opened_and_those_of_today_are_the_same() {
    for release in Release::all() {
        let recorded = release.json("sealed.json");
        let today = samples::sealed(&KEY);
        WRITTEN.hold(&release, losses("sealed", &recorded, &today));
        let (subject, message) = (recorded["subject"].as_str().unwrap(), bytes(recorded["message"].as_str().unwrap()));
        let opened = samples::keyring(&KEY);
        let opened = opened.open_kept(subject, &message).map(|opened| hex(opened.content));
        let breaches: Vec<Breach> = match opened {
            Ok(content) => losses("sealed.content", &recorded["content"], &content.into()),
            Err(refusal) => vec![Breach::new("sealed", refusal.to_string())],
        };
        READ.hold(&release, breaches);
    }
}

/// What the first version of a secret is bound to.
fn bound_to() -> String {
    Secret::bound_to(&SecretName::new("recorded").unwrap(), 1)
}

#[test]
fn secrets_that_earlier_releases_sealed_are_opened() {
    for release in Release::all() {
        let recorded = release.json("secret.json");
        let sealed = recorded["sealed"].as_str().unwrap();
        let breaches = match Vault::new(&[KEY]).open(&bound_to(), sealed) {
            Ok(text) => losses("secret.text", &recorded["text"], &String::from_utf8(text).unwrap().into()),
            Err(error) => vec![Breach::new("secret", error.to_string())],
        };
        READ.hold(&release, breaches);
    }
}

/// Keeps what the samples come to.
pub(crate) fn record(release: &Release) {
    for (name, message) in samples::messages() {
        record_message(release, name, &message);
    }
    release.write_json("member.json", &samples::member());
    release.write_json("events.json", &samples::events());
    release.write_json("answers.json", &samples::answers());
    release.write_json("sealed.json", &samples::sealed(&KEY));
    let told = |payload| json!({ "taken_for": taken_for(&payload), "payload": payload });
    release.write_json("submissions.json", &samples::submissions().map(told));
    let text = "open sesame";
    let sealed = Vault::new(&[KEY]).seal(&bound_to(), text.as_bytes()).unwrap();
    release.write_json("secret.json", &json!({ "text": text, "sealed": sealed }));
}

fn record_message(release: &Release, name: &str, message: &Message) {
    release.write(&format!("{FOLDER}/{name}.hex"), &in_lines(&hex(&encode(message).unwrap())));
    release.write_json(&format!("{FOLDER}/{name}.json"), message);
}
