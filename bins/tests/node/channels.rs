//! Channels of a node: configured, listed, tested, and their secrets told to nobody.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::support::{Node, cronbus, wait_for};

/// Answers every call with `status` and hands over the head and the body of each.
fn receiver(status: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, calls) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = sender.send(call(stream, status));
        }
    });
    (port, calls)
}

fn call(stream: TcpStream, status: &str) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    write!(reader.get_mut(), "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
    head + &String::from_utf8(body).unwrap()
}

#[test]
fn a_channel_is_tested_and_its_secrets_stay_with_the_node() {
    let (port, calls) = receiver("200 OK");
    let (gone, _) = receiver("410 Gone");
    let mut node = Node::prepare(
        "cronbus.toml",
        &format!(
            "[alerts.channel.hook]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/hush-in-path\"\nallow_private = true\n\
             [alerts.channel.gone]\nkind = \"slack\"\nurl = \"http://127.0.0.1:{gone}/hush-in-path\"\nallow_private = true\n\
             [alerts.channel.inside]\nkind = \"slack\"\nurl = \"http://127.0.0.1:{gone}/hush-in-path\"\n"
        ),
    );
    node.set("CRONBUS_ALERTS__CHANNEL__HOOK__SECRET", "hush-by-variable");
    node.start_again();
    let said = node.ask(&["alert", "test", "hook"]);
    assert_eq!(said, "sent over hook: status 200: ok\n");
    let call = calls.recv().unwrap();
    assert!(call.contains("x-cronbus-signature: t=") && call.contains("Test of the channel hook"), "{call}");

    for (channel, says) in
        [("gone", "status 410"), ("inside", "allow_private = true"), ("nobody", "there are gone, hook, inside")]
    {
        let output = node.try_ask(&["alert", "test", channel]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && error.contains(says), "{channel}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
    let listed = node.ask(&["alert", "channels"]);
    assert!(listed.contains("hook") && listed.contains("webhook") && listed.contains("/***"), "{listed}");
    let config = cronbus(&node.data())
        .env("CRONBUS_ALERTS__CHANNEL__HOOK__SECRET", "hush-by-variable")
        .args(["config", "print"])
        .arg(node.config_path())
        .output()
        .unwrap();
    let shown = [
        listed,
        node.ask(&["alert", "channels", "--json"]),
        node.ask(&["config", "print", "--node", "test"]),
        String::from_utf8(config.stdout).unwrap(),
        node.log(),
    ];
    for shown in shown {
        assert!(!shown.contains("hush"), "{shown}");
    }
}

#[test]
fn a_node_without_the_file_of_a_secret_says_which() {
    let text = "[alerts.channel.robot]\nkind = \"feishu\"\nurl = \"https://open.example/x\"\nsecret_file = \"/nonexistent/key\"\n";
    let mut node = Node::prepare("cronbus.toml", text);
    node.launch();
    assert!(!node.ended().success());
    wait_for("the reason", || node.log().contains("alerts.channel.robot: the file /nonexistent/key").then_some(()));
}

#[test]
fn the_mail_list_of_a_conf_ini_gets_mail() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/adapters/tests/notifier/mail_server.py");
    let mut command = Command::new("/usr/bin/python3");
    let mut server =
        command.args(["-W", "ignore", script, "plain"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It ends when its input does.
    let _life = server.stdin.take().unwrap();
    let mut told = BufReader::new(server.stdout.take().unwrap()).lines();
    let first =
        told.next().expect("the mail server is Debian's python3-aiosmtpd: run .ci/install-tools servers").unwrap();
    let port = serde_json::from_str::<Value>(&first).unwrap()["port"].to_string();
    let text = "[alarm_mail_list]\ncron_mail = ops@example.com duty@example.com\nfrom_mail = cron@example.com\n";
    let mut node = Node::prepare("conf.ini", text);
    node.set("CRONBUS_ALERTS__CHANNEL__ALARM_MAIL_LIST__PORT", port);
    node.start_again();
    let said = node.ask(&["alert", "test", "alarm_mail_list"]);
    assert!(said.contains("ops@example.com: 250 taken; duty@example.com: 250 taken"), "{said}");
    let mail: Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
    assert_eq!((&mail["from"], &mail["to"][0]), (&json!("cron@example.com"), &json!("ops@example.com")));
    server.kill().unwrap();
    server.wait().unwrap();
}
