//! What a node says when it is up: where it listens and how to ask it things.

use std::io::{self, Write};
use std::path::Path;

use cronbus_core::port::membership::{Member, Role};

use super::doors::{Door, Doors};

/// Writes the greeting to the standard output. Nobody has to read it.
pub(super) fn greet(text: &str) {
    drop(io::stdout().write_all(text.as_bytes()));
}

/// Where the node keeps its things and listens, and how it is asked.
pub(super) fn text(member: &Member, directory: &Path, doors: &Doors, set_up: Option<&str>) -> String {
    let slots = if member.has(Role::Executor) { format!(", with {} slots", member.capacity) } else { String::new() };
    let mut lines = vec![
        format!("cronbus {}: node `{}` is up{slots}", member.version, member.name),
        format!("  data    {}", directory.display()),
    ];
    if let Some(door) = &doors.health {
        let url = door.url();
        lines.push(format!("  health  {url}/healthz, {url}/readyz, {url}/metrics"));
        if doors.web.is_none() {
            lines.push(format!("  token   {}", door.token_file.display()));
        }
    }
    if let Some(door) = &doors.web {
        lines.extend(web(door, directory));
        if let Some(path) = set_up {
            let link = format!("{}{path}", door.url());
            tracing::info!(link, "nobody has an account yet: this link makes the first administrator, once");
            lines.push(format!("  nobody has an account yet: make the first administrator at {link}"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn web(door: &Door, directory: &Path) -> [String; 7] {
    let (url, token, directory) = (door.url(), door.token_file.display(), directory.display());
    [
        format!("  listens {url}"),
        format!("  token   {token}"),
        "ask it, from this directory or with --data-dir:".to_owned(),
        format!("  cronbus job list --data-dir {directory}"),
        format!("  cronbus run list --data-dir {directory}"),
        format!("  curl -H \"Authorization: Bearer $(cat {token})\" {url}/api/v1/runs"),
        format!("  {url}/ is for a browser: sign in there; {url}/api/docs/ describes the interface"),
    ]
}
