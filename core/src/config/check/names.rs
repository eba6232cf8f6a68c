//! Names, paths, addresses and log levels.

use std::path::Path;

use crate::config::root::Config;
use crate::id::NodeName;

use super::Fault;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let fault = |key, reason: Option<String>| reason.map(|reason| Fault { key, reason });
    let empty = |is_empty: bool| is_empty.then(|| "it must not be empty".to_owned());
    let no_roles = config.node.roles.is_empty();
    [
        fault("node.name", node_name(&config.node.name)),
        fault("node.roles", no_roles.then(|| "a node without a role does nothing: give it at least one".to_owned())),
        fault("node.groups", config.node.groups.iter().find_map(|group| not_a_name(group))),
        fault("node.labels", config.node.labels.iter().find_map(|(key, value)| label(key, value))),
        fault("node.data_dir", empty(config.node.data_dir.as_os_str().is_empty())),
        fault("web.listen", address(&config.web.listen)),
        fault("web.certificate_file", half_a_pair(&config.web.certificate_file, &config.web.key_file)),
        fault("alerts.url", web_address(&config.alerts.url)),
        fault("health.listen", none_or_address(&config.health.listen)),
        fault("executor.shell", shell(config)),
        fault("executor.path", empty(config.executor.path.is_empty())),
        fault("log.level", config.log.level.split(',').find_map(level)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn node_name(name: &str) -> Option<String> {
    if name.is_empty() { None } else { not_a_name(name) }
}

/// Groups follow the rule of node names: they too become parts of subjects and keys.
fn not_a_name(name: &str) -> Option<String> {
    let reason = "use 1 to 64 letters, digits, `-`, `_` or `.`, starting with a letter or digit".to_owned();
    NodeName::new(name).is_err().then_some(reason)
}

fn label(key: &str, value: &str) -> Option<String> {
    let fits = |text: &str| text.len() <= 64 && !text.contains([',', '=']) && !text.contains(char::is_control);
    let reason = "keys and values of labels have at most 64 bytes, none of them `,`, `=` or a control character";
    (key.is_empty() || !fits(key) || !fits(value)).then(|| reason.to_owned())
}

fn half_a_pair(certificate: &Path, key: &Path) -> Option<String> {
    let is_half = certificate.as_os_str().is_empty() != key.as_os_str().is_empty();
    is_half.then(|| "the certificate and web.key_file belong together: give both or neither".to_owned())
}

fn none_or_address(listen: &str) -> Option<String> {
    if listen.is_empty() { None } else { address(listen) }
}

fn address(listen: &str) -> Option<String> {
    let is_host =
        |host: &str| !host.is_empty() && (!host.contains(':') || host.starts_with('[') && host.ends_with(']'));
    let is_address = |(host, port): (&str, &str)| is_host(host) && port.parse::<u16>().is_ok();
    let reason = "write HOST:PORT, like 127.0.0.1:7373 or [::]:7373".to_owned();
    (!listen.rsplit_once(':').is_some_and(is_address)).then_some(reason)
}

fn web_address(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_plain =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()) && !rest.contains('@');
    let fits = url.is_empty() || rest.is_some_and(is_plain);
    (!fits).then(|| "write https://HOST or http://HOST, perhaps with a path".to_owned())
}

fn shell(config: &Config) -> Option<String> {
    (!config.executor.shell.is_absolute()).then(|| "write an absolute path, like /bin/sh".to_owned())
}

fn level(part: &str) -> Option<String> {
    let (module, level) = part.split_once('=').unwrap_or(("-", part));
    let fits = !module.trim().is_empty() && LEVELS.contains(&level.trim());
    let reason = "write off, error, warn, info, debug or trace, or some for single modules: info,cronbus_core=debug";
    (!fits).then(|| reason.to_owned())
}
