//! Which node a command asks, and what it shows there.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::trust::Trust;
use crate::node_file;
use crate::token::{self, Token};

/// Where a node listens unless it was told otherwise.
const USUAL_SERVER: &str = "http://127.0.0.1:7373";

/// Which node to ask.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// The node to ask [default: the one of the data directory, or http://127.0.0.1:7373]
    #[arg(long, env = "CRONBUS_SERVER", value_name = "URL")]
    server: Option<String>,

    /// The token to show [default: what is in admin.token in the data directory]
    #[arg(long, env = "CRONBUS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// Authorities to check an https node with, as PEM [default: the system's; for the node of the data directory the
    /// certificate that it says it shows]
    #[arg(long, env = "CRONBUS_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// The data directory of a node on this machine [default: ./data]
    #[arg(long, env = "CRONBUS_NODE__DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Connection {
    /// To the node of a data directory, and no other.
    pub(crate) fn beside(directory: &Path) -> Self {
        Self { server: None, token: None, ca_file: None, data_dir: Some(directory.to_owned()) }
    }

    /// The address of the node, without a slash at its end.
    pub(crate) fn server(&self) -> String {
        let found = self.server.clone().or_else(|| Some(node_file::read(self.directory())?.address));
        let address = found.unwrap_or_else(|| USUAL_SERVER.to_owned());
        let address = if address.contains("://") { address } else { format!("http://{address}") };
        address.trim_end_matches('/').to_owned()
    }

    /// Whom a node over TLS is checked against.
    ///
    /// # Errors
    /// When a file cannot be read, or holds no certificate.
    pub(crate) fn trust(&self) -> anyhow::Result<Trust> {
        if let Some(path) = &self.ca_file {
            return Trust::authorities(path).with_context(|| format!("--ca-file {} cannot be used", path.display()));
        }
        if self.server.is_some() {
            return Ok(Trust::System);
        }
        let shown = node_file::read(self.directory()).and_then(|node| node.certificate_file);
        shown.map_or(Ok(Trust::System), |path| {
            let told = || format!("the certificate of the node, {}, cannot be used; give --server", path.display());
            Trust::exactly(&path).with_context(told)
        })
    }

    /// The token to show to `server`, if there is any. The token of a node on this machine is shown to no other
    /// machine, unless its data directory was named too.
    ///
    /// # Errors
    /// When there is a token file and it cannot be used.
    pub(crate) fn token_for(&self, server: &str) -> anyhow::Result<Option<Token>> {
        if let Some(text) = &self.token {
            return Ok(Some(Token::from_text(text.trim())));
        }
        let path = self.directory().join("admin.token");
        let may_be_shown = self.data_dir.is_some() || is_this_machine(server);
        if !may_be_shown || !path.exists() {
            return Ok(None);
        }
        token::read(&path).map(Some).context("the token of the node could not be read; give one with --token")
    }

    fn directory(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or_else(|| Path::new("./data"))
    }
}

/// Whether an address is one of this machine's own.
pub(crate) fn is_this_machine(server: &str) -> bool {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = authority.strip_prefix('[').map_or_else(
        || authority.rsplit_once(':').map_or(authority, |(host, _)| host),
        |rest| rest.split(']').next().unwrap_or_default(),
    );
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        for (server, expected) in [
            ("http://127.0.0.1:7373", true),
            ("http://127.8.8.8", true),
            ("http://localhost:80/x", true),
            ("http://[::1]:7373", true),
            ("127.0.0.1:7373", true),
            ("http://example.org:7373", false),
            ("http://127.0.0.1.example.org", false),
            ("http://localhost@example.org", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_this_machine(server), expected, "{server}");
        }
    }
}
