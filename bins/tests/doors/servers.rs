//! The servers that the tests of this binary share, and SQL on one of them.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use cronbus_servers::{Kind, Server};

/// MariaDB; each test has databases of its own.
pub(crate) fn mariadb() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(Kind::MariaDb).unwrap())
}

/// What MariaDB answers, without headings.
pub(crate) fn sql(text: &str) -> String {
    let mut client = Command::new("mariadb")
        .args(["--no-defaults", "--protocol=tcp", "-h127.0.0.1", "-uroot", "--default-character-set=utf8mb4", "-N"])
        .arg(format!("-P{}", mariadb().port()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
