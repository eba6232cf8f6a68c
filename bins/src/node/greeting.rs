//! What a node says when it is up: where it listens and how to ask it things.

use std::io::{self, Write};
use std::path::Path;

use cronbus_core::port::membership::Member;

/// Writes the greeting to the standard output. Nobody has to read it.
pub(super) fn greet(member: &Member, url: Option<&str>, directory: &Path, token_file: &Path) {
    drop(io::stdout().write_all(text(member, url, directory, token_file).as_bytes()));
}

fn text(member: &Member, url: Option<&str>, directory: &Path, token_file: &Path) -> String {
    let mut lines = vec![
        format!("cronbus {}: node `{}` is up, with {} slots", member.version, member.name, member.capacity),
        format!("  data    {}", directory.display()),
    ];
    if let Some(url) = url {
        let (token, directory) = (token_file.display(), directory.display());
        lines.extend([
            format!("  listens {url}"),
            format!("  token   {token}"),
            "ask it, from this directory or with --data-dir:".to_owned(),
            format!("  cronbus job list --data-dir {directory}"),
            format!("  cronbus run list --data-dir {directory}"),
            format!("  curl -H \"Authorization: Bearer $(cat {token})\" {url}/api/v1/runs"),
            format!("  {url}/api/docs/ describes the interface (any user name, the token as the password)"),
        ]);
    }
    lines.push(String::new());
    lines.join("\n")
}
