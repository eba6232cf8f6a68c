//! What a node hands to its successor beside what is on disk: the lock of its data directory, and the sockets it listens at.

use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use cronbus_core::id::NodeName;

use super::message::{Descriptor, Message};

/// How much a process that takes over writes at the least before it is the node.
const PROBED: usize = 16 << 10;

/// A socket that a node listens at.
#[derive(Debug)]
pub(in crate::node) struct Socket {
    /// The key of the configuration that asked for it.
    pub(in crate::node) key: String,
    /// What that said.
    pub(in crate::node) listen: String,
    /// The socket.
    pub(in crate::node) listener: TcpListener,
}

/// Sockets that somebody else has opened before.
#[derive(Debug, Default)]
pub(in crate::node) struct Sockets(Vec<Socket>);

impl Sockets {
    /// The one for an address of the configuration, if it was opened for the same.
    pub(in crate::node) fn take(&mut self, key: &str, listen: &str) -> Option<TcpListener> {
        let place = self.0.iter().position(|socket| socket.key == key && socket.listen == listen)?;
        Some(self.0.swap_remove(place).listener)
    }
}

/// See the [module](self).
#[derive(Debug)]
pub(in crate::node) struct Estate {
    /// Who the node is.
    pub(in crate::node) node: NodeName,
    /// Its data directory, from the root.
    pub(in crate::node) directory: PathBuf,
    /// The lock of that.
    pub(in crate::node) lock: OwnedFd,
    /// Where it listens.
    pub(in crate::node) sockets: Vec<Socket>,
}

impl Estate {
    /// Whether whoever goes on could write to the data directory: on a full disk nobody could, and this process is the node as
    /// long as it does not end.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn probe(&self) -> std::io::Result<()> {
        let path = self.directory.join(".upgrade.probe");
        let written = std::fs::write(&path, [0; PROBED]);
        let removed = std::fs::remove_file(&path);
        written.and(removed)
    }

    /// As it is said, and the descriptors that go with it.
    pub(super) fn said(&self) -> (Message, Vec<BorrowedFd<'_>>) {
        let sockets = self.sockets.iter().map(|socket| {
            let Socket { key, listen, .. } = socket;
            Descriptor::Socket { key: key.clone(), listen: listen.clone() }
        });
        let state = Message::State {
            node: self.node.clone(),
            directory: self.directory.display().to_string(),
            descriptors: std::iter::once(Descriptor::Lock).chain(sockets).collect(),
        };
        let listeners = self.sockets.iter().map(|socket| socket.listener.as_fd());
        (state, std::iter::once(self.lock.as_fd()).chain(listeners).collect())
    }

    /// From what was said.
    ///
    /// # Errors
    /// When it is not whole.
    pub(super) fn heard(message: Message, descriptors: Vec<OwnedFd>) -> Result<Self> {
        let Message::State { node, directory, descriptors: names } = message else {
            bail!("`{}` was said instead of the state", message.name());
        };
        if names.len() != descriptors.len() {
            bail!("{} descriptors came instead of {}", descriptors.len(), names.len());
        }
        let (mut lock, mut sockets) = (None, Vec::new());
        for (name, descriptor) in names.into_iter().zip(descriptors) {
            match name {
                Descriptor::Lock => lock = Some(descriptor),
                Descriptor::Socket { key, listen } => {
                    sockets.push(Socket { key, listen, listener: TcpListener::from(descriptor) });
                }
            }
        }
        let lock = lock.context("the lock of the data directory did not come")?;
        Ok(Self { node, directory: directory.into(), lock, sockets })
    }

    /// The sockets, and the lock.
    pub(in crate::node) fn into_parts(self) -> (Sockets, OwnedFd) {
        (Sockets(self.sockets), self.lock)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_was_said_is_what_is_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let socket = Socket { key: "web.listen".to_owned(), listen: "127.0.0.1:0".to_owned(), listener };
        let estate = Estate {
            node: NodeName::new("a").unwrap(),
            directory: "/data".into(),
            lock: tempfile::tempfile().unwrap().into(),
            sockets: vec![socket],
        };
        let (message, descriptors) = estate.said();
        let sent: Vec<OwnedFd> = descriptors.iter().map(|one| one.try_clone_to_owned().unwrap()).collect();
        assert!(Estate::heard(message.clone(), Vec::new()).is_err());
        let heard = Estate::heard(message, sent).unwrap();
        assert_eq!((heard.node.as_str(), heard.directory.as_path()), ("a", Path::new("/data")));
        let (mut sockets, _lock) = heard.into_parts();
        assert!(sockets.take("web.listen", "127.0.0.1:80").is_none());
        assert_eq!(sockets.take("web.listen", "127.0.0.1:0").unwrap().local_addr().unwrap(), address);
        assert!(sockets.take("web.listen", "127.0.0.1:0").is_none());
    }
}
